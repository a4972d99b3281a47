import type { ZodError } from 'zod';
import { claim } from './claim.ts';
import { targetUndo, targetUser } from './find-targets.ts';
import { fitsSchema } from './preflight.ts';
import type { Dependencies } from './dependencies.ts';
import type { JsonObject } from '../contracts/changes.ts';
import { Refusal } from '../contracts/failures.ts';
import { operationSchemas } from '../contracts/operations.ts';
import type { DeleteUserInput, OperationKind, UndoOperationInput } from '../contracts/operations.ts';
import { findOperation, openOperation } from '../ledger/operations.ts';

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
