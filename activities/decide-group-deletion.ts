import { contentWithMemberships } from './content-changes.ts';
import { moment } from './moment.ts';
import { recheckLeavers, settlementsOf } from './leavers.ts';
import { readActor, settle } from './planner.ts';
import type { Decisions, OperationContext, PlanContext } from './planner.ts';
import { successorCandidates } from './successor-candidates.ts';
import type { HostGroups } from '../adapters/host-lms.ts';
import { textOf } from '../contracts/changes.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { GroupFact, MemberFacts } from '../contracts/facts.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { deleteGroupSchema } from '../contracts/operations.ts';
import { departures } from '../ledger/changes.ts';
import { insertNotes } from '../ledger/notes.ts';
import { leavingAmong } from '../ledger/targets.ts';
import type { Settlement } from '../ledger/targets.ts';
import { planDeletion } from '../rules/deletion.ts';
import { factsAbout } from '../rules/facts-about.ts';
import {
  deletionTransitions,
  endedIn,
  endsWithGroup,
  groupDeletion,
  groupDeletionForbidden,
  judgeMembers,
  movesToParent,
  planGroupDeletion,
  withoutGroups,
} from '../rules/group-deletion.ts';
import type { GroupDeletion } from '../rules/group-deletion.ts';
import { strandedUsers } from '../rules/group-removal.ts';
import { noLinks } from '../rules/links.ts';
import { movesOf, planArrivals, planDepartures } from '../rules/transitions.ts';

/** Deletes a group, with what is to become of its subgroups and of whom it leaves without any (G-11). */
export const groupRemoval: Decisions = { judge, plan: changesFor, frame, frameRest, recheck, rest };

/**
 * @throws Refusal NotFound for the group, InvalidInput for the platform group and for a kind that the host cannot delete, NotAuthorized,
 *   GroupHasSubgroups, UsersWouldBeDeleted
 */
export async function admitGroupDeletion(context: OperationContext): Promise<void> {
  const { sql, host, operation } = context;
  const groups = requireGroups(context);
  const { group, subgroups, orphans } = deleteGroupSchema.parse(operation.input);
  const found = await host.findGroup(sql, group);
  if (!found) throw new Refusal('NotFound', 'input.group: there is no such group');
  refuseKind(groups, found);
  const [actor, platform] = await Promise.all([readActor(context), host.platform(sql)]);
  const problem = groupDeletionForbidden(actor, found.parent ?? group, platform);
  if (problem) throw new Refusal(problem.type, problem.message);
  const { subtree, deletion } = await deletionOf(context);
  if (subtree.length > 1 && subgroups === undefined) throw hasSubgroups(group, subtree);
  const left = orphans === undefined ? await groups.countOrphans(sql, [...deletion.deleted]) : 0;
  if (left > 0) throw wouldBeDeleted(left);
}

function refuseKind({ unsupported }: HostGroups, { id, parent, standsAlone }: GroupFact): void {
  if (parent === null && !standsAlone) {
    throw new Refusal('InvalidInput', 'input.group: the platform group cannot be deleted');
  }
  const sentence = unsupported?.(id) ?? null;
  if (sentence !== null) throw new Refusal('InvalidInput', `input.group: ${sentence}`);
}

function hasSubgroups(group: string, subtree: readonly GroupFact[]): Refusal {
  const below = subtree.filter(({ parent }) => parent === group).map(({ id }) => id);
  return new Refusal(
    'GroupHasSubgroups',
    `group ${group} has subgroups: ${below.join(', ')}; give subgroups: "delete" or "moveToParent"`,
  );
}

function wouldBeDeleted(users: number): Refusal {
  return new Refusal(
    'UsersWouldBeDeleted',
    `${users} ${users === 1 ? 'user' : 'users'} would be left without any group; give orphans: "delete" or "moveToParent"`,
  );
}

/** @throws Refusal InvalidInput on a host whose groups cannot be deleted */
export function requireGroups({ host }: Pick<OperationContext, 'host'>): HostGroups {
  if (host.groups) return host.groups;
  throw new Refusal('InvalidInput', `groups of the ${host.name} host cannot be deleted`);
}

/** The groups that go, as the tree stands now. */
async function deletionOf(
  context: OperationContext,
): Promise<{ subtree: GroupFact[]; deletion: GroupDeletion }> {
  const { group, ...fates } = deleteGroupSchema.parse(context.operation.input);
  const [subtree, platform] = await Promise.all([
    requireGroups(context).subtree(context.sql, group),
    context.host.platform(context.sql),
  ]);
  const parent = subtree.find(({ id }) => id === group)?.parent ?? platform.rootGroup;
  const joinsParent = requireGroups(context).parentsHoldEverybody !== true;
  return { subtree, deletion: { ...groupDeletion(subtree, group, parent, fates), joinsParent } };
}

/** The groups whose members a deletion is about. */
export async function deletedGroups(context: OperationContext): Promise<readonly string[]> {
  const { deletion } = await deletionOf(context);
  return [...deletion.deleted];
}

async function judge(context: PlanContext): Promise<Settlement[]> {
  const { sql, host, users } = context;
  const { deletion } = await deletionOf(context);
  const within = deletion.group;
  const [facts, actor] = await Promise.all([host.memberFacts(sql, users, within), readActor(context)]);
  return settlementsOf(users, judgeMembers(facts, actor, deletion));
}

/** The groups themselves and what is theirs: applied last, when nobody is in them any more. */
async function frame(context: OperationContext): Promise<PlannedChange[]> {
  const { subtree, deletion } = await deletionOf(context);
  const belongings = await requireGroups(context).belongings(context.sql, [...deletion.deleted]);
  return planGroupDeletion(subtree, belongings, deletion);
}

/** What has come to the groups since; a group that must stay because somebody is in it again is told of. */
async function frameRest(context: OperationContext): Promise<PlannedChange[]> {
  const changes = await frame(context);
  if (changes.some(({ kind }) => kind !== 'group.delete')) return changes;
  await insertNotes(
    context.sql,
    context.operation.id,
    changes.map(({ item }) => ({
      subject: `group ${textOf(item, 'group')}`,
      message: 'is still in use, by members or subgroups that came meanwhile, and was not deleted',
    })),
  );
  return [];
}

async function changesFor(context: PlanContext): Promise<PlannedChange[]> {
  const { sql, host, operation, users } = context;
  const { deletion } = await deletionOf(context);
  const facts = withoutGroups(
    await host.deletionFacts(sql, users, deletion.group, [deletion.parent]),
    deletion,
  );
  const [leaving, before, now] = await Promise.all([
    leavingAmong(sql, operation.id, [...users, ...successorCandidates(facts)]),
    departures(sql, operation.id, users),
    moment(sql),
  ]);
  const manner = { kind: 'manual', by: operation.requestedBy, at: null } as const;
  return [
    ...planDeletion(factsAbout(facts, leaving), leaving, () => manner, now),
    ...(await changesOfLiving(context, deletion, { facts, leaving, before, now })),
  ];
}

/** What a chunk of users is decided by. */
interface Known {
  facts: Parameters<typeof factsAbout>[0];
  leaving: ReadonlySet<UserId>;
  before: Parameters<typeof movesOf>[1];
  now: number;
}

async function changesOfLiving(
  context: PlanContext,
  deletion: GroupDeletion,
  { facts, leaving, before, now }: Known,
): Promise<PlannedChange[]> {
  const { sql, host, operation, users } = context;
  const staying = new Set(users.filter((user) => !leaving.has(user)));
  const transitions = deletionTransitions(factsAbout(facts, staying), deletion);
  const joined = [...new Set(transitions.flatMap((transition) => transition.joined))];
  const audiences = await host.audiences(sql, joined);
  const { cascade } = deleteGroupSchema.parse(operation.input);
  return [
    ...planDepartures(facts, transitions, () => endsWithGroup, before, now),
    ...planArrivals(facts, transitions, audiences, movesToParent),
    ...(await contentWithMemberships(context, movesOf(transitions, before), {
      rule: 'C-06',
      cascade,
      lost: noLinks,
    })),
  ];
}

async function recheck(context: PlanContext): Promise<Map<UserId, Problem>> {
  const { deletion } = await deletionOf(context);
  return recheckLeavers(context, deletion.group, (user) => endedIn(user, deletion));
}

async function rest(context: PlanContext): Promise<PlannedChange[]> {
  const { sql, host, operation, users } = context;
  const { deletion } = await deletionOf(context);
  const [facts, leaving, changes] = await Promise.all([
    host.memberFacts(sql, users, deletion.group),
    leavingAmong(sql, operation.id, users),
    changesFor(context),
  ]);
  if (!mayStrand(deletion, facts)) return changes;
  const joins = new Set(changes.filter(({ kind }) => kind === 'membership.add').map(({ user }) => user));
  const stranded = [...strandedUsers(facts, leaving)].filter(([user]) => !joins.has(user));
  await settle(context, new Map(stranded));
  return changes;
}

/** Whether being left without a group means anything: not in the groups above, if these hold everybody, nor for one that stands alone. */
function mayStrand({ group, orphans, joinsParent }: GroupDeletion, { groups }: MemberFacts): boolean {
  if (groups.find(({ id }) => id === group)?.standsAlone) return false;
  return joinsParent || orphans !== 'moveToParent';
}
