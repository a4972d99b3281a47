import { explainChanges } from '../ledger/explain.ts';
import type { ExplainedChange } from '../ledger/explain.ts';
import type { Answer } from './output.ts';
import { userIdOf } from './refs.ts';
import { withSession } from './session.ts';
import { changeText } from './texts.ts';

/** `explain user REF`: what operations have changed for a user, by which rule, and why not otherwise. */
export function explainUser(ref: string, only: { activity?: string; group?: string }): Promise<Answer> {
  return withSession(async ({ database, host }) => {
    const user = await userIdOf(database, host, ref, 'the user');
    const { changes, now } = await database.snapshot(async (sql) => ({
      changes: await explainChanges(sql, user, only),
      now: (await host.users(sql, [user]))[0],
    }));
    const memberships = (now?.memberships ?? []).filter(
      ({ group }) => only.activity === undefined && (only.group === undefined || group === only.group),
    );
    const roles = memberships.map(({ group, role }) => `  is ${role} in ${group}`);
    const text = [
      `User ${user} ${now?.living === true ? 'lives' : 'is deleted'}.`,
      ...roles,
      ...(changes.length === 0 ? ['No operation has changed anything of this.'] : changes.map(story)),
    ].join('\n');
    return { json: { user, living: now?.living === true, memberships, changes }, text };
  });
}

function story(change: ExplainedChange): string {
  const { operation, operationKind, requestedBy, at, undone } = change;
  const since = undone ? ', taken back since' : '';
  return `${at} by ${operationKind} ${operation}, asked for by user ${requestedBy}${since}:\n${changeText(change)}`;
}
