import type { Dependencies } from '../activities/dependencies.ts';
import { applyStep } from '../activities/apply-step.ts';
import { plan } from '../activities/plan.ts';
import { seal } from '../activities/seal.ts';
import { verify } from '../activities/verify.ts';
import { referenceHost } from '../adapters/reference/reference-host.ts';
import type { Step } from '../contracts/changes.ts';
import type { Sql } from '../contracts/sql.ts';
import type { Database } from '../database/pool.ts';
import { openOperation } from '../ledger/operations.ts';
import { claimUsers, insertTargets } from '../ledger/targets.ts';

export const deletionSteps = [
  'transferOwnership',
  'leaveSlots',
  'leaveSessions',
  'leaveGroups',
  'retireAccounts',
] as const satisfies readonly Step[];

/** What `open` leaves behind, for any number of users in one chunk: the operation, its lines, and their claims. */
export async function openDeletion(sql: Sql, operation: string, users: readonly string[]): Promise<void> {
  const { owner } = await referenceHost.platform(sql);
  const input = { user: 'many', requestedBy: owner, includePrivateSubgroups: true };
  const audit = { requestedBy: owner, reason: null, trigger: 'bench', host: 'reference', undoes: null };
  await openOperation(sql, {
    id: operation,
    workflowId: operation,
    kind: 'deleteUser',
    input,
    mode: 'apply',
    ...audit,
  });
  const targets = users.map((user, i) => ({
    line: i + 1,
    chunk: 1,
    user,
    ref: user,
    state: 'open' as const,
    problem: null,
  }));
  await insertTargets(sql, operation, targets);
  await claimUsers(sql, operation);
}

/** Everything between `open` and `close`, by our own activities. Returns how long each took, in milliseconds. */
export async function deleteByActivities(
  database: Database,
  operation: string,
): Promise<Map<string, number>> {
  const deps: Dependencies = {
    database,
    host: referenceHost,
    executions: { isOpen: () => Promise.resolve(true) },
    settings: { approvalAbove: Number.MAX_SAFE_INTEGER, approvalExpiryMs: 0, waivedDrift: [] },
  };
  const chunk = { operation, chunk: 1 };
  const took = new Map<string, number>();
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const since = performance.now();
    const result = await work();
    took.set(name, performance.now() - since);
    return result;
  };
  await timed('plan', () => plan(deps, chunk));
  await timed('seal', () => seal(deps, { operation }));
  for (const step of deletionSteps) {
    const { conflicts } = await timed(step, () => applyStep(deps, step, chunk));
    if (conflicts > 0) throw new Error(`${step} met ${conflicts} conflicts, but nobody else is here`);
  }
  const { again } = await timed('verify', () => verify(deps, { ...chunk, round: 2 }));
  if (again) throw new Error('something was left, but nobody else is here');
  return took;
}

/** Living users in an order that has nothing to do with the world's; never the owner. */
export async function someUsers(sql: Sql, count: number): Promise<string[]> {
  const { rows } = await sql.query<{ id: string }>(
    `select id from lms.account where status = 'active' and id not in (select owner_id from lms.platform)
      order by md5(id) limit $1`,
    [count],
  );
  return rows.map(({ id }) => id);
}
