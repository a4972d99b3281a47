import { readActor, settle } from './planner.ts';
import type { PlanContext, Planner } from './planner.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { DeletionFacts } from '../contracts/facts.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { deleteUserSchema } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { acceptedAmong, settleTargets } from '../ledger/targets.ts';
import { judgeDeletion, planDeletion } from '../rules/deletion.ts';

/**
 * Judges and plans the deletion of one user.
 *
 * @throws Refusal NotAuthorized, PlatformOwnerProtected, PrivateMembershipsRemain
 */
export const planDeletionOf: Planner = async (context) => {
  const { sql, host, operation, users } = context;
  const input = deleteUserSchema.parse(operation.input);
  const [facts, actor] = await Promise.all([host.deletionFacts(sql, users), readActor(context)]);
  const refused = judgeDeletion(facts, actor, input);
  const [problem] = refused.values();
  if (problem) throw new Refusal(problem.type, problem.message);
  const accepted = users.map((user) => ({ user, state: 'accepted' as const }));
  // Sent first, so that who is accepted here counts as leaving there.
  const [, changes] = await Promise.all([
    settleTargets(sql, operation.id, accepted),
    deletionChanges(context, facts),
  ]);
  return changes;
};

/**
 * What is left to do for users whose deletion is under way: nothing, unless the host has changed meanwhile. Who has
 * become the platform owner since is left alone, and needs attention (D-14).
 */
export const planDeletionRest: Planner = async (context) => {
  const { owner } = await context.host.platform(context.sql);
  const users = context.users.filter((user) => user !== owner);
  if (users.length < context.users.length) await settle(context, new Map([[owner, becameOwner(owner)]]));
  return deletionChanges(context, await context.host.deletionFacts(context.sql, users));
};

function becameOwner(user: UserId): Problem {
  return { type: 'PlatformOwnerProtected', message: `user ${user} has become the platform owner meanwhile` };
}

async function deletionChanges(context: PlanContext, facts: DeletionFacts): Promise<PlannedChange[]> {
  const { sql, operation } = context;
  const candidates = [
    ...facts.users.map((user) => user.id),
    ...facts.groupAdmins.map((admin) => admin.user),
    ...facts.owned.flatMap((item) => [item.main.user, ...item.coHolders.map((holder) => holder.user)]),
  ];
  const [leaving, moment] = await Promise.all([
    acceptedAmong(sql, operation.id, [...new Set(candidates)]),
    now(sql),
  ]);
  const accepted = { ...facts, users: facts.users.filter((user) => leaving.has(user.id)) };
  const manner = { kind: 'manual', by: operation.requestedBy, at: null } as const;
  return planDeletion(accepted, leaving, manner, moment);
}

async function now(sql: Sql): Promise<number> {
  const { rows } = await sql.query<{ now: number }>(
    `select (extract(epoch from clock_timestamp()) * 1000000)::bigint::float8 as now`,
  );
  const row = rows[0];
  if (!row) throw new Error('the database did not tell the time');
  return row.now;
}
