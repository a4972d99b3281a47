import { isDeleted } from './inspection.ts';
import type { Check, Inspection } from './inspection.ts';

/** The lists whose entries somebody holds, and by which members. */
const held = [
  { list: 'courses', main: 'mainAuthor', co: 'coAuthors' },
  { list: 'paths', main: 'mainAuthor', co: 'coAuthors' },
  { list: 'pathSessions', main: 'mainInstructor', co: 'coInstructors' },
] as const;

/** Refuses main holders who are deleted, or in the co-list as well. A deleted user may stand in a co-list. */
export const checkHolders: Check = (inspection) => {
  for (const { list, main, co } of held) {
    inspection.world[list].forEach((row: Readonly<Record<string, unknown>>, i) => {
      checkHolder(inspection, [list, i], { member: main, user: row[main] }, { member: co, users: row[co] });
    });
  }
};

function checkHolder(
  inspection: Inspection,
  path: readonly [string, number],
  main: { member: string; user: unknown },
  co: { member: string; users: unknown },
): void {
  if (typeof main.user !== 'string') return;
  if (isDeleted(inspection, main.user))
    inspection.report([...path, main.member], `'${main.user}' is deleted`);
  const place = Array.isArray(co.users) ? co.users.indexOf(main.user) : -1;
  if (place >= 0)
    inspection.report([...path, co.member, place], `'${main.user}' is the ${main.member} already`);
}
