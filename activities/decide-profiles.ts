import { askedProfiles } from './asked-profiles.ts';
import { contentWithMemberships } from './content-changes.ts';
import { moment } from './moment.ts';
import { readActor, refusals, settle } from './planner.ts';
import type { Decisions, OperationContext, PlanContext } from './planner.ts';
import type { HostProfiles } from '../adapters/host-lms.ts';
import type { JsonObject, PlannedChange, Reason } from '../contracts/changes.ts';
import type { ProfileFact, SmartGroupFact, UserFact } from '../contracts/facts.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { updateProfilesSchema } from '../contracts/operations.ts';
import { departures } from '../ledger/changes.ts';
import { insertNotes, listNotes } from '../ledger/notes.ts';
import type { Settlement } from '../ledger/targets.ts';
import { noLinks } from '../rules/links.ts';
import {
  leftWithoutGroup,
  merged,
  planProfile,
  profileTransitions,
  unjudgeable,
  updateForbidden,
} from '../rules/profiles.ts';
import { movesOf, planArrivals, planDepartures } from '../rules/transitions.ts';

/** Updates profiles, and with them the smart groups and what these assign (C-04, C-05, C-14). */
export const profileUpdate: Decisions = { judge, plan, settledByPlan: true, rest };

/** @throws Refusal InvalidInput on a host without profiles that groups look at */
export function admitProfiles(context: OperationContext): Promise<void> {
  requireProfiles(context);
  return Promise.resolve();
}

function requireProfiles({ host }: OperationContext): HostProfiles {
  if (host.profiles) return host.profiles;
  throw new Refusal('InvalidInput', `the ${host.name} host has no groups that go by profiles`);
}

/** All chunks are judged before one is planned, so that a rule that fails for anybody changes nobody's membership. */
async function judge(context: PlanContext): Promise<Settlement[]> {
  const { sql, host, operation, users } = context;
  const [facts, actor] = await Promise.all([host.memberFacts(sql, users, null), readActor(context)]);
  const refused = new Map(
    facts.users.flatMap((user): [UserId, Problem][] => {
      const problem = updateForbidden(actor, user, facts.platform);
      return problem ? [[user.id, problem]] : [];
    }),
  );
  const accepted = users.filter((user) => !refused.has(user));
  const { groups, profiles } = await readProfiles({ ...context, users: accepted }, true);
  const problems = [...unjudgeable(groups, [...profiles.values()])];
  await insertNotes(
    sql,
    operation.id,
    problems.map(([group, message]) => ({
      subject: subjectOf(group),
      message: `${message}: nobody's membership of it was changed`,
    })),
  );
  const settled = await asAskedAlready(context, facts.users, refused);
  for (const user of settled) refused.delete(user);
  return [
    ...refusals(refused),
    ...[...settled].map((user) => ({ user, state: 'unchanged' as const })),
    ...accepted.map((user) => ({ user, state: 'accepted' as const })),
  ];
}

/** Of those whom the actor may not update: for whom there is nothing to do, which comes before any right (spec: interface). */
async function asAskedAlready(
  context: PlanContext,
  users: readonly UserFact[],
  refused: ReadonlyMap<UserId, Problem>,
): Promise<Set<UserId>> {
  const living = users.filter(({ id, living }) => living && refused.has(id));
  if (living.length === 0) return new Set();
  const { groups, current, asked, profiles } = await readProfiles(
    { ...context, users: living.map(({ id }) => id) },
    true,
  );
  const updated = current.flatMap((fact) => planProfile(fact, asked.get(fact.user) ?? {}));
  const moved = profileTransitions(living, profiles, groups).filter(
    ({ ended, joined }) => ended.length + joined.length > 0,
  );
  const changed = new Set([...updated.map(({ user }) => user), ...moved.map(({ user }) => user.id)]);
  return new Set(living.map(({ id }) => id).filter((user) => !changed.has(user)));
}

function subjectOf(group: string): string {
  return `group ${group}`;
}

/** The smart groups, and the profiles of the users: as they are, and as they are once the update has been made. */
interface Profiles {
  groups: SmartGroupFact[];
  current: ProfileFact[];
  asked: ReadonlyMap<UserId, JsonObject>;
  profiles: ReadonlyMap<UserId, JsonObject>;
}

/** @param merge whether the update is still to be made; without, the profiles count as they are */
async function readProfiles(context: PlanContext, merge: boolean): Promise<Profiles> {
  const { sql, users } = context;
  const host = requireProfiles(context);
  const [groups, current, asked] = await Promise.all([
    host.smartGroups(sql),
    host.of(sql, users),
    merge ? askedProfiles(context) : new Map<UserId, JsonObject>(),
  ]);
  const profiles = new Map(
    current.map(({ user, profile }) => [user, merged(profile, asked.get(user) ?? {})]),
  );
  return { groups, current, asked, profiles };
}

async function plan(context: PlanContext): Promise<PlannedChange[]> {
  const read = await readProfiles(context, true);
  const updates = read.current.flatMap((fact) => planProfile(fact, read.asked.get(fact.user) ?? {}));
  return [...updates, ...(await groupChanges(context, read))];
}

/** What still differs from what the rules say of the profiles as they are by now. */
async function rest(context: PlanContext): Promise<PlannedChange[]> {
  return groupChanges(context, await readProfiles(context, false));
}

async function groupChanges(context: PlanContext, { groups, profiles }: Profiles): Promise<PlannedChange[]> {
  const { sql, host, operation, users } = context;
  const [facts, notes, before, now] = await Promise.all([
    host.deletionFacts(sql, users, null),
    listNotes(sql, operation.id),
    departures(sql, operation.id, users),
    moment(sql),
  ]);
  const broken = new Set(notes.map(({ subject }) => subject));
  const judged = groups.filter(({ group }) => !broken.has(subjectOf(group)));
  const transitions = profileTransitions(facts.users, profiles, judged);
  await settle(context, leftWithoutGroup(transitions));
  const joined = [...new Set(transitions.flatMap((transition) => transition.joined))];
  const { cascade } = updateProfilesSchema.parse(operation.input);
  return [
    ...planDepartures(facts, transitions, () => left, before, now),
    ...planArrivals(facts, transitions, await host.audiences(sql, joined), matched),
    ...(await contentWithMemberships(context, movesOf(transitions, before), {
      rule: 'C-04',
      cascade,
      lost: noLinks,
    })),
  ];
}

const left: Reason = { rule: 'C-04', because: 'its rule does not match the profile' };
const matched: Reason = { rule: 'C-04', because: 'its rule matches the profile' };
