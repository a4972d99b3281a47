import type { ZodError } from 'zod';
import { claimFromHolders } from './claim.ts';
import { requireUndoable, targetChanged, targetUser } from './find-targets.ts';
import { fitsSchema } from './preflight.ts';
import type { Dependencies } from './dependencies.ts';
import type { JsonObject } from '../contracts/changes.ts';
import { Refusal } from '../contracts/failures.ts';
import { operationSchemas } from '../contracts/operations.ts';
import type { DeleteUserInput, OperationKind, UndoOperationInput } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { findOperation, openOperation } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { claimUsers } from '../ledger/targets.ts';

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
  const parsed = operationSchemas[request.kind].safeParse(request.input, {
    error: (issue) => (issue.input === undefined ? 'is missing' : undefined),
  });
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
  const target = await targeting(deps, request.operation, input, original);
  // As a rule nobody holds the users, and this is all.
  const { held, opened } = await deps.database.transaction(async (sql) => {
    await fitsSchema(sql, deps);
    await target(sql);
    const held = input.mode === 'apply' ? await claimUsers(sql, request.operation) : [];
    return { held, opened: await summary(sql, deps, request.operation, input) };
  });
  if (held.length === 0) return opened;
  await claimFromHolders(deps, request, held);
  return deps.database.transaction((sql) => summary(sql, deps, request.operation, input));
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

/** How the operation's users are found, once it is clear that they may be asked for. */
async function targeting(
  deps: Dependencies,
  operation: string,
  input: ParsedInput,
  original: OperationRow | null,
): Promise<(sql: Sql) => Promise<void>> {
  if ('user' in input) return (sql) => targetUser(sql, deps.host, operation, input.user);
  const undone = await requireUndoable(deps, original);
  return (sql) => targetChanged(sql, operation, undone);
}

async function summary(sql: Sql, deps: Dependencies, operation: string, input: ParsedInput): Promise<Opened> {
  const { rows } = await sql.query<{ chunks: number; users: number; user: string | null }>(
    `select coalesce(max(chunk) filter (where state <> 'unchanged'), 0)::int as chunks, count(*)::int as users,
            min(user_id) as user
       from lms_lifecycle.operation_target where operation_id = $1`,
    [operation],
  );
  const found = rows[0] ?? { chunks: 0, users: 0, user: null };
  return {
    host: deps.host.name,
    requestedBy: input.requestedBy,
    mode: input.mode,
    chunks: found.chunks,
    user: found.users === 1 ? found.user : null,
    approvalExpiryMs: deps.settings.approvalExpiryMs,
  };
}
