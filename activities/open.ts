import type { ZodError } from 'zod';
import { admitCopy } from './decide-copy.ts';
import { admitDueDeletion } from './decide-deletion.ts';
import { admitGroupDeletion } from './decide-group-deletion.ts';
import { admitLinkRemoval } from './decide-links.ts';
import { admitReconciliation } from './decide-qualifications.ts';
import { admitRegistrations } from './decide-registrations.ts';
import { admitProfiles } from './decide-profiles.ts';
import { admitRemoval } from './decide-removal.ts';
import type { Dependencies } from './dependencies.ts';
import { findTargets } from './find-targets.ts';
import type { Found } from './find-targets.ts';
import { requireOperation } from './operation.ts';
import type { OperationContext } from './planner.ts';
import { fitsSchema } from './preflight.ts';
import { requireUndoable } from './undoable.ts';
import type { JsonObject } from '../contracts/changes.ts';
import { Refusal } from '../contracts/failures.ts';
import { operationSchemas } from '../contracts/operations.ts';
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
  /** Whether the host wants something done once after the operation. */
  refreshes: boolean;
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
  const given = asStored(request.input ?? {});
  const parsed = operationSchemas[request.kind].safeParse(given, {
    error: (issue) => (issue.input === undefined ? 'is missing' : undefined),
  });
  const undoes = parsed.success ? undoneBy(parsed.data) : null;
  const original =
    undoes === null ? null : await deps.database.transaction((sql) => findOperation(sql, undoes));
  await deps.database.transaction((sql) =>
    openOperation(sql, {
      ...audited({ ...request, input: given }, parsed.data),
      host: deps.host.name,
      undoes: original?.id ?? null,
    }),
  );
  if (!parsed.success) throw new Refusal('InvalidInput', problemsOf(parsed.error));
  if (undoes !== null) await requireUndoable(deps, original, namesUsers(parsed.data));
  await deps.database.transaction(async (sql) => {
    await fitsSchema(sql, deps);
    const admit = admissions[request.kind];
    await admit?.({ sql, host: deps.host, operation: await requireOperation(sql, request.operation) });
  });
  return {
    host: deps.host.name,
    requestedBy: parsed.data.requestedBy,
    mode: parsed.data.mode,
    approvalExpiryMs: deps.settings.approvalExpiryMs,
    window: deps.settings.window,
    refreshes: deps.host.refresh !== undefined,
    found: await findTargets(deps, { operation: request.operation, after: 0 }),
  };
}

/** What is checked about an operation as a whole, before its users. */
const admissions: Readonly<Partial<Record<OperationKind, (context: OperationContext) => Promise<void>>>> = {
  removeFromGroup: admitRemoval,
  deleteDueUsers: admitDueDeletion,
  deleteGroup: admitGroupDeletion,
  updateProfiles: admitProfiles,
  removeCoursesFromGroup: admitLinkRemoval,
  removePathsFromGroup: admitLinkRemoval,
  removeCoursesFromPath: admitLinkRemoval,
  unenrolUsers: admitRegistrations,
  removeRegistrations: admitRegistrations,
  reconcileQualifications: admitReconciliation,
  copyActivity: admitCopy,
};

function audited(
  request: OpenRequest,
  input: OperationInput | undefined,
): Omit<Parameters<typeof openOperation>[1], 'host' | 'undoes'> {
  const raw = isObject(request.input) ? request.input : { input: JSON.stringify(request.input) };
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

function undoneBy(input: OperationInput): string | null {
  return 'operation' in input && typeof input.operation === 'string' ? input.operation : null;
}

function namesUsers(input: OperationInput): boolean {
  return 'users' in input && input.users !== undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function problemsOf(error: ZodError): string {
  return error.issues.map((issue) => `${['input', ...issue.path].join('.')}: ${issue.message}`).join('; ');
}
