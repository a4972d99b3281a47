import { moment } from './moment.ts';
import { contentWithMemberships } from './content-changes.ts';
import { recheckLeavers, settlementsOf } from './leavers.ts';
import { readActor, settle } from './planner.ts';
import type { Decisions, OperationContext, PlanContext } from './planner.ts';
import { successorCandidates } from './successor-candidates.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { DeletionFacts } from '../contracts/facts.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { removeFromGroupSchema } from '../contracts/operations.ts';
import { departures } from '../ledger/changes.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { acceptedAmong, leavingAmong } from '../ledger/targets.ts';
import type { Settlement } from '../ledger/targets.ts';
import { planDeletion } from '../rules/deletion.ts';
import { factsAbout } from '../rules/facts-about.ts';
import { noLinks } from '../rules/links.ts';
import { groupTree } from '../rules/group-reach.ts';
import type { Reach } from '../rules/group-reach.ts';
import {
  endedMemberships,
  judgeRemoval,
  removalForbidden,
  removalReason,
  removalTransitions,
  strandedUsers,
} from '../rules/group-removal.ts';
import { movesOf, planDepartures } from '../rules/transitions.ts';

/** Removal from a group (rules G), with the deletion of whom no membership is left (G-07). */
export const removal: Decisions = { judge, plan: changesFor, recheck, rest };

/** @throws Refusal NotFound for the group, NotAuthorized for whoever may remove nobody from it */
export async function admitRemoval(context: OperationContext): Promise<void> {
  const { sql, host, operation } = context;
  const { group } = reachOf(operation);
  if (!(await host.findGroup(sql, group)))
    throw new Refusal('NotFound', 'input.group: there is no such group');
  const [actor, platform] = await Promise.all([readActor(context), host.platform(sql)]);
  const problem = removalForbidden(actor, group, platform);
  if (problem) throw new Refusal(problem.type, problem.message);
}

function reachOf({ input }: OperationRow): Reach {
  const { group, includePrivateSubgroups } = removeFromGroupSchema.parse(input);
  return { group, includePrivateSubgroups };
}

async function judge(context: PlanContext): Promise<Settlement[]> {
  const { sql, host, operation, users } = context;
  const reach = reachOf(operation);
  const [facts, actor] = await Promise.all([host.memberFacts(sql, users, reach.group), readActor(context)]);
  return settlementsOf(users, judgeRemoval(facts, actor, reach));
}

async function changesFor(context: PlanContext): Promise<PlannedChange[]> {
  const { sql, host, operation, users } = context;
  const reach = reachOf(operation);
  const facts = await host.deletionFacts(sql, users, reach.group);
  const candidates = successorCandidates(facts);
  const [leaving, accepted, before, now] = await Promise.all([
    leavingAmong(sql, operation.id, [...users, ...candidates]),
    acceptedAmong(sql, operation.id, candidates),
    departures(sql, operation.id, users),
    moment(sql),
  ]);
  const staying = new Set(users.filter((user) => !leaving.has(user)));
  const after = { ...facts, groupAdmins: adminsAfter(facts, reach, accepted) };
  const manner = { kind: 'manual', by: operation.requestedBy, at: null } as const;
  const transitions = removalTransitions(factsAbout(facts, staying), reach);
  return [
    ...planDeletion(factsAbout(after, leaving), leaving, () => manner, now),
    ...planDepartures(facts, transitions, (held) => removalReason(held, reach), before, now),
    ...(await contentWithMemberships(context, movesOf(transitions, before), {
      rule: 'C-08',
      cascade: removeFromGroupSchema.parse(operation.input).cascade,
      lost: noLinks,
    })),
  ];
}

/** The group admins as they stand after the operation (D-13): not those whose role it takes. */
function adminsAfter(
  facts: DeletionFacts,
  reach: Reach,
  accepted: ReadonlySet<UserId>,
): DeletionFacts['groupAdmins'] {
  const tree = groupTree(facts.groups);
  return facts.groupAdmins.filter(
    (admin) =>
      !accepted.has(admin.user) ||
      endedMemberships([{ ...admin, role: 'admin' }], reach, tree, facts.platform).length === 0,
  );
}

function recheck(context: PlanContext): Promise<Map<UserId, Problem>> {
  const reach = reachOf(context.operation);
  return recheckLeavers(context, reach.group, ({ memberships }, { groups, platform }) =>
    endedMemberships(memberships, reach, groupTree(groups), platform),
  );
}

async function rest(context: PlanContext): Promise<PlannedChange[]> {
  const { sql, host, operation, users } = context;
  const { group } = reachOf(operation);
  const [facts, leaving, named] = await Promise.all([
    host.memberFacts(sql, users, group),
    leavingAmong(sql, operation.id, users),
    host.findGroup(sql, group),
  ]);
  if (named?.standsAlone !== true) await settle(context, strandedUsers(facts, leaving));
  return changesFor(context);
}
