import { randomUUID } from 'node:crypto';
import type { HostLms } from '../../../../adapters/host-lms.ts';
import { changeKinds, steps } from '../../../../contracts/changes.ts';
import type { ChangeKind, ChangeState, PlannedChange, Step } from '../../../../contracts/changes.ts';
import type { Restorable } from '../../../../contracts/operations.ts';
import type { Sql } from '../../../../contracts/sql.ts';
import type { AppliedChange } from '../../../../contracts/undo.ts';
import { applyEffect } from '../../../../ledger/apply-effect.ts';
import { insertPlan } from '../../../../ledger/changes.ts';
import { planDeletion } from '../../../../rules/deletion.ts';
import { groupDeletion, planGroupDeletion } from '../../../../rules/group-deletion.ts';
import { instantText } from '../../../../rules/instant.ts';
import { chosenChanges, planReinstatement } from '../../../../rules/reinstatement.ts';
import { planUndo } from '../../../../rules/undo.ts';
import type { MoodleSite } from './moodle-site.ts';

/** What became of an operation's changes. */
export interface Outcome {
  operation: string;
  planned: PlannedChange[];
  states: { kind: ChangeKind; user: string; state: ChangeState }[];
}

/** Plans with the real rules and applies with the real ledger, step by step; without the workflow around it. */
export async function deleteUsers(
  site: MoodleSite,
  host: HostLms,
  users: readonly string[],
  requestedBy = '2',
): Promise<Outcome> {
  const changes = await planFor(site.sql, host, users, requestedBy);
  return carryOut(site, host, { changes, requestedBy, undoes: null });
}

export async function planFor(sql: Sql, host: HostLms, users: readonly string[], requestedBy = '2') {
  const facts = await host.deletionFacts(sql, users, null);
  const manner = { kind: 'manual', by: requestedBy, at: null } as const;
  return planDeletion(facts, new Set(users), () => manner, Date.now() * 1000);
}

/** Takes users, who live on, out of groups; without the workflow around it. */
export async function removeFromGroups(
  site: MoodleSite,
  host: HostLms,
  users: readonly string[],
  groups: readonly string[],
): Promise<Outcome> {
  const plans = await Promise.all(groups.map((group) => planDeparture(site.sql, host, users, group)));
  return carryOut(site, host, { changes: plans.flat(), requestedBy: '2', undoes: null });
}

export async function planDeparture(
  sql: Sql,
  host: HostLms,
  users: readonly string[],
  group: string,
): Promise<PlannedChange[]> {
  const facts = await host.memberFacts(sql, users, group);
  return facts.users
    .flatMap((user) => user.memberships)
    .filter((held) => held.group === group)
    .map(({ user, role, since }) => ({
      step: 'leaveGroups',
      kind: 'membership.remove',
      user,
      item: { group, role },
      before: { since: instantText(since) },
      after: null,
      reason: { rule: 'G-06', because: 'the removal from this group was asked for' },
    }));
}

/** Deletes a group with all who are in it living on; without the workflow around it. */
export async function deleteGroup(site: MoodleSite, host: HostLms, group: string): Promise<Outcome> {
  const { groups } = host;
  if (!groups) throw new Error('the host cannot delete groups');
  const members = await groups.members(site.sql, [group], null, 10_000);
  const subtree = await groups.subtree(site.sql, group);
  const belongings = await groups.belongings(site.sql, [group]);
  const deletion = groupDeletion(subtree, group, 'system', { orphans: 'moveToParent' });
  const changes = [
    ...(await planDeparture(site.sql, host, members, group)),
    ...planGroupDeletion(subtree, belongings, deletion),
  ];
  const order = ['leaveGroups', 'removeLinks', 'deleteGroups'] as const;
  return carryOut(site, host, { changes, requestedBy: '2', undoes: null, order });
}

/** In which order the deletion of a group is taken back. */
export const backToGroups: readonly Step[] = ['restoreGroups', 'restoreLinks', 'joinGroups'];

/** Takes an operation back, as far as nothing hinders. */
export async function undo(
  site: MoodleSite,
  host: HostLms,
  outcome: Outcome,
  order: readonly Step[] = steps,
): Promise<Outcome> {
  const changes = await appliedChanges(site.sql, outcome);
  const plan = planUndo(changes, await obstaclesOf(site.sql, host, changes));
  return carryOut(site, host, { changes: plan.changes, requestedBy: '2', undoes: outcome.operation, order });
}

/** Brings a user back from what a deletion has recorded, with what is chosen (D-20). */
export async function reinstate(
  site: MoodleSite,
  host: HostLms,
  deleted: Outcome,
  user: string,
  restore: readonly Restorable[] = ['memberships', 'slots', 'ownership'],
): Promise<Outcome & { lost: string }> {
  const record = (await appliedChanges(site.sql, deleted)).filter((change) => change.user === user);
  const chosen = chosenChanges(record.reverse(), restore);
  const { audiences } = await host.reinstatementFacts(site.sql, user, true);
  const plan = planReinstatement(user, chosen, await obstaclesOf(site.sql, host, chosen), audiences);
  const outcome = await carryOut(site, host, { changes: plan.changes, requestedBy: '2', undoes: null });
  return { ...outcome, lost: plan.problem?.message ?? '' };
}

export async function appliedChanges(sql: Sql, { operation }: Outcome): Promise<AppliedChange[]> {
  const { rows } = await sql.query<AppliedChange>(
    `select id, step, kind, user_id as "user", item, before, after from lms_lifecycle.change
      where operation_id = $1 and state = 'applied' order by id`,
    [operation],
  );
  return rows;
}

export async function obstaclesOf(sql: Sql, host: HostLms, changes: readonly AppliedChange[]) {
  const found = await host.undoObstacles(sql, changes);
  return new Map(found.map(({ id, obstacle }) => [id, obstacle]));
}

interface Work {
  changes: PlannedChange[];
  requestedBy: string;
  undoes: string | null;
  /** In which order the steps are applied, where it is another than theirs. */
  order?: readonly Step[];
}

/** Each step and kind in a transaction of its own, in the order of the steps. */
export async function carryOut(site: MoodleSite, host: HostLms, work: Work): Promise<Outcome> {
  const operation = await openPlanned(site, work);
  const { changes, order = steps } = work;
  for (const step of order) {
    const kinds = new Set(changes.filter((change) => change.step === step).map(({ kind }) => kind));
    for (const kind of changeKinds) {
      if (kinds.has(kind)) await apply(site, host, { operation, chunk: 1, step, kind });
    }
  }
  return { operation, planned: changes, states: await statesOf(site.sql, operation) };
}

export async function statesOf(sql: Sql, operation: string): Promise<Outcome['states']> {
  const { rows } = await sql.query<Outcome['states'][number]>(
    `select kind, user_id as "user", state from lms_lifecycle.change where operation_id = $1 order by id`,
    [operation],
  );
  return rows;
}

/** An operation with its plan, of which nothing has been applied. */
export async function openPlanned(site: MoodleSite, { changes, requestedBy, undoes }: Work): Promise<string> {
  const operation = randomUUID();
  await site.sql.query(
    `insert into lms_lifecycle.operation (id, workflow_id, kind, input, requested_by, trigger, host, mode, state, undoes)
     values ($1, $1, 'deleteUser', '{}', $2, 'test', 'moodle', 'apply', 'applying', $3)`,
    [operation, requestedBy, undoes],
  );
  const retired = changes.filter(({ kind }) => kind === 'account.retire').map(({ user }) => user);
  await site.sql.query(
    `insert into lms_lifecycle.operation_target (operation_id, line, chunk, user_id, state, leaves)
     select $1, line, 1, user_id, 'accepted', true from unnest($2::text[]) with ordinality as t (user_id, line)`,
    [operation, retired],
  );
  await insertPlan(site.sql, { operation, chunk: 1, round: 1 }, 'hash', changes);
  return operation;
}

export async function apply(
  site: MoodleSite,
  host: HostLms,
  scope: { operation: string; chunk: number; step: Step; kind: ChangeKind },
  users: readonly string[] | null = null,
): Promise<void> {
  const effect = host.effects[scope.kind];
  if (!effect) throw new Error(`the host has no effect for ${scope.kind}`);
  await site.transaction((sql) => applyEffect(sql, { ...scope, users }, effect));
}
