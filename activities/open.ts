import { admissions } from './admissions.ts';
import { decisions } from './decisions.ts';
import type { Dependencies } from './dependencies.ts';
import { findTargets } from './find-targets.ts';
import type { Found } from './find-targets.ts';
import { isAnybodyTold } from './notices.ts';
import { requireOperation } from './operation.ts';
import { inputRefused, parseInput } from './parse-input.ts';
import { fitsSchema } from './preflight.ts';
import { resolveImport } from './resolve-import.ts';
import type { Asked } from './resolve-import.ts';
import { requireUndoable } from './undoable.ts';
import type { JsonObject } from '../contracts/changes.ts';
import type { OperationInput, OperationKind } from '../contracts/operations.ts';
import { findOperation, openOperation } from '../ledger/operations.ts';
import { asStored } from '../ledger/storable.ts';

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
  approvalExpiryMs: number;
  /** How many chunks may be under way at the same time. */
  window: number;
  /** Whether users are judged, all of them before the first one's changes are planned (D-13). */
  judges: boolean;
  /** Whether the host wants something done once after the operation. */
  refreshes: boolean;
  /** Whether people are told when it waits for them. */
  notifies?: boolean;
  /** The first of its lines. */
  found: Found;
}

/**
 * Opens an operation: validates, writes it to the ledger, checks the host's schema, finds its first users
 * and claims them. Again for the same operation: a no-op with the same answer.
 *
 * @throws Refusal InvalidInput, SchemaDrift, NotFound, NotAuthorized, NotUndoable, OperationInProgress
 */
export async function open(deps: Dependencies, request: OpenRequest): Promise<Opened> {
  const given = { kind: request.kind, input: asStored(request.input ?? {}) };
  const asked = await resolveImport(deps, request.operation, given);
  const parsed = parseInput(asked.kind, asked.input);
  const undoes = parsed.success ? undoneBy(parsed.data) : null;
  const original =
    undoes === null ? null : await deps.database.transaction((sql) => findOperation(sql, undoes));
  await deps.database.transaction((sql) =>
    openOperation(sql, {
      ...audited(request, asked, parsed.data),
      host: deps.host.name,
      undoes: original?.id ?? null,
    }),
  );
  if (asked.refusal) throw asked.refusal;
  if (!parsed.success) throw inputRefused(asked.kind, parsed.error);
  if (undoes !== null) await requireUndoable(deps, original, namesUsers(parsed.data));
  await deps.database.transaction(async (sql) => {
    await fitsSchema(sql, deps);
    const admit = admissions[asked.kind];
    await admit?.({ sql, host: deps.host, operation: await requireOperation(sql, request.operation) });
  });
  return {
    host: deps.host.name,
    requestedBy: parsed.data.requestedBy,
    mode: parsed.data.mode,
    approvalExpiryMs: deps.settings.approvalExpiryMs,
    window: deps.settings.window,
    judges: decisions[asked.kind].judge !== undefined,
    refreshes: deps.host.refresh !== undefined,
    notifies: isAnybodyTold(deps),
    found: await findTargets(deps, { operation: request.operation, after: 0 }),
  };
}

/** What the ledger keeps of what was asked for. */
export function audited(
  request: OpenRequest,
  asked: Asked,
  input: OperationInput | undefined,
): Omit<Parameters<typeof openOperation>[1], 'host' | 'undoes'> {
  const raw = isObject(asked.input) ? asked.input : { input: JSON.stringify(asked.input) };
  const requestedBy = raw['requestedBy'];
  return {
    id: request.operation,
    workflowId: request.workflowId,
    kind: asked.kind,
    input: raw,
    import: asked.import,
    requestedBy: input?.requestedBy ?? (typeof requestedBy === 'string' ? requestedBy : 'unknown'),
    reason: input?.reason ?? null,
    trigger: request.trigger,
    mode: input?.mode ?? 'apply',
  };
}

function undoneBy(input: OperationInput): string | null {
  return 'operation' in input && typeof input.operation === 'string' ? input.operation : null;
}

function namesUsers(input: OperationInput): boolean {
  return 'users' in input && input.users !== undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
