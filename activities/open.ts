import type { ZodError } from 'zod';
import { fitsSchema } from './preflight.ts';
import type { Dependencies } from './dependencies.ts';
import type { JsonObject } from '../contracts/changes.ts';
import { Refusal } from '../contracts/failures.ts';
import { operationSchemas } from '../contracts/operations.ts';
import type { DeleteUserInput, OperationKind, UndoOperationInput, UserRef } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { closeOperation, finalStates, findOperation, openOperation } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';
import {
  changedUsers,
  claimUsers,
  insertTargets,
  settleTargets,
  summarizeTargets,
} from '../ledger/targets.ts';
import type { Target } from '../ledger/targets.ts';

/** What a workflow knows when it opens its operation. */
export interface OpenRequest {
  operation: string;
  workflowId: string;
  kind: OperationKind;
  input: unknown;
  trigger: string;
}

/** What the rest of the workflow needs to know; nothing personal. */
export interface Opened {
  host: string;
  requestedBy: string;
  mode: 'apply' | 'preview';
  chunks: number;
  /** The only user, if there is just one. */
  user: string | null;
  approvalExpiryMs: number;
}

type ParsedInput = DeleteUserInput | UndoOperationInput;

/**
 * Opens an operation: validates, writes it to the ledger, checks the host's schema, finds its users and
 * claims them. Again for the same operation: a no-op with the same answer.
 *
 * @throws Refusal InvalidInput, SchemaDrift, NotFound, NotUndoable, OperationInProgress
 */
export async function open(deps: Dependencies, request: OpenRequest): Promise<Opened> {
  const parsed = operationSchemas[request.kind].safeParse(request.input);
  const undoes = parsed.success && 'operation' in parsed.data ? parsed.data.operation : null;
  const original =
    undoes === null ? null : await deps.database.transaction((sql) => findOperation(sql, undoes));
  await deps.database.transaction((sql) =>
    openOperation(sql, {
      ...audited(request, parsed.data),
      host: deps.host.name,
      undoes: original?.id ?? null,
    }),
  );
  if (!parsed.success) throw new Refusal('InvalidInput', problemsOf(parsed.error));
  const input: ParsedInput = parsed.data;
  await deps.database.transaction((sql) => fitsSchema(sql, deps));
  if ('user' in input) await targetUser(deps, request.operation, input.user);
  else await targetUndo(deps, request.operation, original);
  return claimAndSummarize(deps, request, input);
}

function audited(
  request: OpenRequest,
  input: ParsedInput | undefined,
): Omit<Parameters<typeof openOperation>[1], 'host' | 'undoes'> {
  const raw = isObject(request.input) ? request.input : { input: String(request.input) };
  const requestedBy = raw['requestedBy'];
  return {
    id: request.operation,
    workflowId: request.workflowId,
    kind: request.kind,
    input: raw,
    requestedBy: input?.requestedBy ?? (typeof requestedBy === 'string' ? requestedBy : 'unknown'),
    reason: input?.reason ?? null,
    trigger: request.trigger,
    mode: input?.mode ?? 'apply',
  };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemsOf(error: ZodError): string {
  return error.issues.map((issue) => `${['input', ...issue.path].join('.')}: ${issue.message}`).join('; ');
}

async function targetUser(deps: Dependencies, operation: string, ref: UserRef): Promise<void> {
  await deps.database.transaction(async (sql) => {
    const [found] = await deps.host.findUsers(sql, [asReference(ref)]);
    if (!found) throw new Refusal('NotFound', 'input.user: there is no such user');
    const target: Target = {
      line: 1,
      chunk: 1,
      user: found.id,
      ref: typeof ref === 'string' ? ref : (('id' in ref ? ref.id : undefined) ?? ref.email ?? null),
      state: found.living ? 'open' : 'unchanged',
      problem: null,
    };
    await insertTargets(sql, operation, [target]);
  });
}

/** An id wins over an email; a bare string may be either. */
function asReference(ref: UserRef): { id?: string; email?: string } {
  if (typeof ref === 'string') return { id: ref, email: ref };
  return 'id' in ref ? { id: ref.id } : { email: ref.email };
}

async function targetUndo(
  deps: Dependencies,
  operation: string,
  original: OperationRow | null,
): Promise<void> {
  if (!original) throw new Refusal('NotFound', 'input.operation: there is no such operation');
  if (original.undoes !== null)
    throw new Refusal('NotUndoable', `operation ${original.id} is an undo itself`);
  if (
    !finalStates.includes(original.state) &&
    (await deps.executions.isOpen(original.workflowId, original.id))
  ) {
    throw new Refusal('OperationInProgress', `operation ${original.id} is still under way`);
  }
  await deps.database.transaction(async (sql) => {
    const users = await changedUsers(sql, original.id);
    const targets = users.map((user, i): Target => ({
      line: i + 1,
      chunk: 1,
      user,
      ref: user,
      state: 'open',
      problem: null,
    }));
    await insertTargets(sql, operation, targets);
  });
}

async function claimAndSummarize(
  deps: Dependencies,
  request: OpenRequest,
  input: ParsedInput,
): Promise<Opened> {
  if (input.mode === 'apply') await claim(deps, request);
  return deps.database.transaction(async (sql) => {
    const { rows } = await sql.query<{ chunks: number; users: number; user: string | null }>(
      `select coalesce(max(chunk) filter (where state <> 'unchanged'), 0)::int as chunks, count(*)::int as users,
              min(user_id) as user
         from lms_lifecycle.operation_target where operation_id = $1`,
      [request.operation],
    );
    const summary = rows[0] ?? { chunks: 0, users: 0, user: null };
    return {
      host: deps.host.name,
      requestedBy: input.requestedBy,
      mode: input.mode,
      chunks: summary.chunks,
      user: summary.users === 1 ? summary.user : null,
      approvalExpiryMs: deps.settings.approvalExpiryMs,
    };
  });
}

/** A holder whose workflow is gone (terminated by hand, say) holds nothing any more. */
async function claim(deps: Dependencies, request: OpenRequest): Promise<void> {
  const first = await deps.database.transaction((sql) => claimUsers(sql, request.operation));
  if (first.length === 0) return;
  const holders = new Map(first.map((held) => [held.holder, held.holderWorkflowId]));
  for (const [holder, workflowId] of holders) {
    if (!(await deps.executions.isOpen(workflowId, holder))) {
      await deps.database.transaction((sql) => abandon(sql, holder));
    }
  }
  const held = await deps.database.transaction((sql) => claimUsers(sql, request.operation));
  if (held.length === 0) return;
  await deps.database.transaction(async (sql) => {
    const settled = held.map(({ user, holder }) => ({
      user,
      state: 'attention' as const,
      problem: {
        type: 'OperationInProgress' as const,
        message: `user ${user} is being changed by operation ${holder}`,
      },
    }));
    await settleTargets(sql, request.operation, settled);
    const { attention } = await summarizeTargets(sql, request.operation);
    const refusal = attention[0];
    if (refusal && request.kind === 'deleteUser') throw new Refusal(refusal.type, refusal.message);
  });
}

async function abandon(sql: Sql, operation: string): Promise<void> {
  await closeOperation(sql, operation, { state: 'cancelled', result: null, failure: null });
}
