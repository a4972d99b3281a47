import type { WorkflowHandle } from '@temporalio/client';
import { listAttention } from '../ledger/attention.ts';
import { listChanges } from '../ledger/changes.ts';
import { findOperation, listOperations } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { planQuery, rejectUpdate } from '../workflows/messages.ts';
import { approve, confirmed, fail } from './follow.ts';
import { CommandFailed, table } from './output.ts';
import type { Answer } from './output.ts';
import { userIdOf } from './refs.ts';
import { startAndFollow } from './run.ts';
import type { StartOptions } from './run.ts';
import { withSession } from './session.ts';
import type { Session } from './session.ts';
import { attentionText, changeText, operationText, planText, resultText } from './texts.ts';

/** How many changes `ops show --changes` reads at once. */
const pageSize = 5_000;

/** `ops list`: the latest operations, newest first. */
export function list({ limit }: { limit: number }): Promise<Answer> {
  return withSession(async ({ database }) => {
    const operations = await database.transaction((sql) => listOperations(sql, limit));
    const rows = operations.map((row) => [
      row.id,
      row.kind,
      row.mode,
      row.state,
      row.requestedBy,
      row.openedAt,
    ]);
    return {
      json: operations,
      text: table([['operation', 'kind', 'mode', 'state', 'by', 'opened'], ...rows]),
    };
  });
}

/** `ops show ID`: the story of an operation, with `--changes` every change and why. */
export function show(id: string, { changes = false }: { changes?: boolean }): Promise<Answer> {
  return withSession(async (session) => {
    const operation = await requireOperation(session, id);
    const all = changes ? await allChanges(session, operation.id) : [];
    const attention = await session.database.transaction((sql) => listAttention(sql, operation.id, 0, 100));
    const result = operation.result && { ...operation.result, attention };
    const text = [
      operationText(operation),
      ...(result ? [resultText(result)] : attention.map(attentionText)),
      ...(changes ? [`Changes: ${all.length}`, ...all.map(changeText)] : []),
    ].join('\n');
    return { json: { ...operation, result, ...(changes ? { changes: all } : { attention }) }, text };
  });
}

async function allChanges({ database }: Session, operation: string): ReturnType<typeof listChanges> {
  return database.snapshot(async (sql) => {
    const all = [];
    for (;;) {
      const page = await listChanges(sql, operation, all.length, pageSize);
      all.push(...page);
      if (page.length < pageSize) return all;
    }
  });
}

/** `ops approve ID`: approves the plan that is shown, after asking, or the one that a hash names. */
export function approveOperation(
  id: string,
  options: { as?: string; planHash?: string; yes?: boolean },
): Promise<Answer> {
  return withSession(async (session) => {
    const { handle, operation } = await running(session, id);
    const by = await actor(session, operation, options.as);
    const plan = await handle.query(planQuery, { offset: 0, limit: 20 });
    process.stderr.write(`${planText(plan)}\n`);
    const sure =
      options.planHash !== undefined ||
      options.yes === true ||
      (await confirmed('Approve this plan? [y/N] '));
    if (!sure) throw new CommandFailed('NotApproved', 'not approved: answer y, or give --yes or --plan-hash');
    await approve(handle, by, options.planHash ?? plan.planHash ?? '');
    return { json: { operation: operation.id, approved: true }, text: `Approved ${operation.id}` };
  });
}

/** `ops reject ID`: ends a waiting operation without a change. */
export function rejectOperation(id: string, options: { as?: string; reason: string }): Promise<Answer> {
  return withSession(async (session) => {
    const { handle, operation } = await running(session, id);
    const by = await actor(session, operation, options.as);
    await handle.executeUpdate(rejectUpdate, { args: [{ by, reason: options.reason }] }).catch(fail);
    return { json: { operation: operation.id, rejected: true }, text: `Rejected ${operation.id}` };
  });
}

/** `ops undo ID`: takes an operation back. */
export function undoOperation(id: string, options: StartOptions & { user?: string[] }): Promise<Answer> {
  return withSession(async (session) => {
    const { database, host } = session;
    const operation = await requireOperation(session, id);
    const users = await Promise.all(
      (options.user ?? []).map((ref) => userIdOf(database, host, ref, '--user')),
    );
    const input = {
      operation: operation.id,
      ...(users.length === 0 ? {} : { users: users.map((id) => ({ id })) }),
    };
    return startAndFollow(session, 'undoOperation', input, { as: operation.requestedBy, ...options });
  });
}

async function requireOperation({ database }: Session, id: string): Promise<OperationRow> {
  const operation = await database.transaction((sql) => findOperation(sql, id));
  if (!operation) throw new CommandFailed('NotFound', `there is no operation ${id}`);
  return operation;
}

export async function running(
  session: Session,
  id: string,
): Promise<{ handle: WorkflowHandle; operation: OperationRow }> {
  const operation = await requireOperation(session, id);
  const client = await session.client();
  return { operation, handle: client.workflow.getHandle(operation.workflowId) };
}

/** Who acts: by default whoever asked for the operation. */
async function actor({ database, host }: Session, operation: OperationRow, as?: string): Promise<string> {
  return as === undefined ? operation.requestedBy : userIdOf(database, host, as, '--as');
}
