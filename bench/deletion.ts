import { applyStep } from '../activities/apply-step.ts';
import { begin } from '../activities/begin.ts';
import type { Dependencies } from '../activities/dependencies.ts';
import { plan } from '../activities/plan.ts';
import { seal } from '../activities/seal.ts';
import { verify } from '../activities/verify.ts';
import { referenceHost } from '../adapters/reference/reference-host.ts';
import type { Sql } from '../contracts/sql.ts';
import type { Database } from '../database/pool.ts';
import { claimUsers } from '../ledger/claims.ts';
import { openOperation } from '../ledger/operations.ts';
import { insertTargets } from '../ledger/targets.ts';

/** Writes the operation alone, as `open` does first. */
export async function recordDeletion(sql: Sql, operation: string): Promise<void> {
  const { owner } = await referenceHost.platform(sql);
  await openOperation(sql, {
    id: operation,
    workflowId: operation,
    kind: 'deleteUsers',
    input: { list: operation, requestedBy: owner, includePrivateSubgroups: true, maxShare: 1 },
    requestedBy: owner,
    reason: null,
    trigger: 'bench',
    host: 'reference',
    mode: 'apply',
    undoes: null,
    import: null,
  });
}

/** What `open` leaves behind, for users in one chunk: the operation, its lines, and their claims. */
export async function openDeletion(sql: Sql, operation: string, users: readonly string[]): Promise<void> {
  await recordDeletion(sql, operation);
  const targets = users.map((user, i) => ({
    line: i + 1,
    chunk: 1,
    user,
    ref: user,
    state: 'open' as const,
    problem: null,
  }));
  await insertTargets(sql, operation, targets);
  await claimUsers(sql, operation, { first: 1, last: users.length });
}

/** Everything between `open` and `close`, by our own activities. Returns how long each took, in milliseconds. */
export async function deleteByActivities(
  database: Database,
  operation: string,
): Promise<Map<string, number>> {
  const deps = dependencies(database);
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
  const begun = await timed('begin', () => begin(deps, chunk));
  for (const step of begun.steps) {
    const { conflicts } = await timed(step, () => applyStep(deps, step, chunk, 1));
    if (conflicts > 0) throw new Error(`${step} met ${conflicts} conflicts, but nobody else is here`);
  }
  const { steps } = await timed('verify', () => verify(deps, { ...chunk, round: 2 }));
  if (steps.length > 0) throw new Error(`${steps.join(', ')} was left, but nobody else is here`);
  return took;
}

function dependencies(database: Database): Dependencies {
  return {
    database,
    host: referenceHost,
    executions: { isOpen: () => Promise.resolve(true) },
    settings: {
      approvalAbove: Number.MAX_SAFE_INTEGER,
      approvalExpiryMs: 0,
      waivedDrift: [],
      chunkUsers: 3_000,
      window: 3,
    },
  };
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
