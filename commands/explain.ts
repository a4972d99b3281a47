import { requiredAmong } from '../activities/qualification-gaps.ts';
import type { Sql } from '../contracts/sql.ts';
import type { RegistrationFact } from '../contracts/facts.ts';
import { explainChanges } from '../ledger/explain.ts';
import type { ExplainedChange } from '../ledger/explain.ts';
import type { Answer } from './output.ts';
import { userIdOf } from './refs.ts';
import { contentOf, linksTo } from '../rules/links.ts';
import { withSession } from './session.ts';
import type { Session } from './session.ts';
import { changeText } from './texts.ts';

/** `explain user REF`: what operations have changed for a user, by which rule, and why not otherwise. */
export function explainUser(ref: string, only: { activity?: string; group?: string }): Promise<Answer> {
  return withSession(async ({ database, host }) => {
    const user = await userIdOf(database, host, ref, 'the user');
    const { changes, now, content } = await database.snapshot(async (sql) => {
      const [now] = await host.users(sql, [user]);
      const content =
        only.activity === undefined ? null : await explainContent(sql, host, user, only.activity);
      return { changes: await explainChanges(sql, user, only), now, content };
    });
    const memberships = (now?.memberships ?? []).filter(
      ({ group }) => only.activity === undefined && (only.group === undefined || group === only.group),
    );
    const roles = memberships.map(({ group, role }) => `  is ${role} in ${group}`);
    const text = [
      `User ${user} ${now?.living === true ? 'lives' : 'is deleted'}.`,
      ...roles,
      ...(content === null ? [] : contentText(content)),
      ...(changes.length === 0 ? ['No operation has changed anything of this.'] : changes.map(story)),
    ].join('\n');
    return { json: { user, living: now?.living === true, memberships, ...content, changes }, text };
  });
}

function story(change: ExplainedChange): string {
  const { operation, operationKind, requestedBy, at, undone } = change;
  const since = undone ? ', taken back since' : '';
  return `${at} by ${operationKind} ${operation}, asked for by user ${requestedBy}${since}:\n${changeText(change)}`;
}

/** How a user stands to an activity at this moment. */
interface ContentNow {
  activity: string;
  registration: Omit<RegistrationFact, 'user' | 'activity'> | null;
  /** The groups and paths that link to it now, in words, and whether access has a ground of its own. */
  links: string[];
  /** The qualification because of which the user must be registered for it; null when there is none. */
  requiredBy: string | null;
}

/** Null on a host where no group holds content. */
async function explainContent(
  sql: Sql,
  host: Session['host'],
  user: string,
  activity: string,
): Promise<ContentNow | null> {
  const { content, registrations } = host;
  if (!content) return null;
  const { users } = await host.memberFacts(sql, [user], null);
  const groups = [...new Set(users.flatMap(({ memberships }) => memberships.map(({ group }) => group)))];
  const facts = await content.facts(sql, [user], {
    groups,
    changing: [],
    paths: [],
    activities: [activity],
  });
  const { required } = registrations
    ? await requiredAmong(sql, host, [{ user, activity }], 'no-lock')
    : { required: [] };
  const held = facts.registrations.find((registration) => registration.activity === activity);
  return {
    activity,
    registration: held
      ? { method: held.method, status: held.status, access: held.access, listedAs: held.listedAs }
      : null,
    links: [...linksTo(contentOf(facts), groups, activity), ...(held?.ownLink ? ['its own enrolment'] : [])],
    requiredBy: required[0]?.qualification ?? null,
  };
}

function contentText({ activity, registration, links, requiredBy }: ContentNow): string[] {
  const held = links.length === 0 ? 'nothing links to it' : `linked by ${links.join(', ')}`;
  const linked = requiredBy === null ? held : `${held}; qualification ${requiredBy} requires it`;
  if (registration === null) return [`  is not registered for ${activity}; ${linked}`];
  const { method, status, access, listedAs } = registration;
  const sees = access ? 'may view' : listedAs === 'completed' ? 'is unenrolled from' : 'is de-assigned from';
  return [`  ${sees} ${activity} (${method}, ${status}); ${linked}`];
}
