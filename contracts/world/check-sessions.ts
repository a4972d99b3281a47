import { isDeleted } from './inspection.ts';
import type { Check, Inspection } from './inspection.ts';
import type { Loose } from './loose-world.ts';
import type { WorldRow } from './world-shape.ts';

/**
 * Refuses participants of dynamic sessions who may not be there: each is living and holds a membership, of any role,
 * in one of the audience groups (G-08). Static sessions take anybody, and keep the deleted (D-22, G-09).
 */
export const checkSessions: Check = (inspection) => {
  const members = audienceMembers(inspection);
  inspection.world.pathSessions.forEach((session, i) => {
    if (session.audience !== 'dynamic') return;
    session.participants?.forEach((user, j) => {
      if (user === undefined || !inspection.users.has(user)) return;
      const problem = isDeleted(inspection, user)
        ? 'is deleted'
        : belongs(session, user, members)
          ? undefined
          : 'is in none of the audience groups';
      if (problem !== undefined)
        inspection.report(['pathSessions', i, 'participants', j], `'${user}' ${problem}`);
    });
  });
};

/** The members of every group that is a dynamic session's audience. */
function audienceMembers({ world }: Inspection): Map<string, Set<string>> {
  const members = new Map<string, Set<string>>();
  for (const { audience, audienceGroups } of world.pathSessions) {
    if (audience !== 'dynamic') continue;
    for (const group of audienceGroups ?? []) if (group !== undefined) members.set(group, new Set());
  }
  for (const { group, user } of world.memberships) {
    if (group !== undefined && user !== undefined) members.get(group)?.add(user);
  }
  return members;
}

function belongs(
  session: Loose<WorldRow<'pathSessions'>>,
  user: string,
  members: Map<string, Set<string>>,
): boolean {
  const groups = session.audienceGroups ?? [];
  return groups.some((group) => group !== undefined && members.get(group)?.has(user));
}
