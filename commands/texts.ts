import { textOf } from '../contracts/changes.ts';
import type { JsonObject, Reason } from '../contracts/changes.ts';
import type { OperationResult } from '../contracts/operations.ts';
import type { NamedAttention } from '../ledger/attention.ts';
import type { ChangeRow } from '../ledger/changes.ts';
import type { OperationRow } from '../ledger/operations.ts';
import type { PlanPage } from '../workflows/messages.ts';
import { table } from './output.ts';

/** A result whose attention lines say what was given for them. */
export type NamedResult = Omit<OperationResult, 'attention'> & { attention: NamedAttention[] };

/** An operation's result in words. */
export function resultText({
  operation,
  state,
  counts,
  users,
  attention,
  conflicts,
  planHash,
  warnings,
  report,
}: NamedResult): string {
  const kinds = Object.entries(counts).map(([kind, n]) => [`  ${kind}`, String(n)]);
  const would = state === 'previewed' ? 'would change' : 'changed';
  return [
    `Operation ${operation}: ${state}`,
    `Users: ${users.done} ${state === 'previewed' ? 'to do' : 'done'}, ${users.unchanged} unchanged, ${users.attention} need attention`,
    kinds.length === 0 ? `Nothing ${would}.` : `What ${would}:\n${table(kinds)}`,
    ...(conflicts > 0 ? [`Left alone because somebody else had changed them meanwhile: ${conflicts}`] : []),
    ...attention.map(attentionText),
    ...(users.attention > attention.length ? [`! and ${users.attention - attention.length} more`] : []),
    ...(report
      ? [`Report of ${report.users} users; the link is mailed, and valid until ${report.expiresAt}`]
      : []),
    ...warnings.map((warning) => `! ${warning}`),
    `Plan hash: ${planHash}`,
  ].join('\n');
}

/** A line that needs attention, with what was given for it. */
export function attentionText({ line, ref, user, type, message }: NamedAttention): string {
  const whom = user === null || user === ref ? `user ${ref ?? '?'}` : `${ref ?? '?'} (user ${user})`;
  return `! line ${line}, ${whom}: ${type}: ${message}`;
}

/** The first changes of a plan in words. */
export function planText({ total, changes, planHash }: PlanPage): string {
  const lines = changes.map(
    ({ kind, user, item, after, rule, because }) =>
      `  ${whatChanges(kind, user, item, after)}  (${rule}: ${because})`,
  );
  const more = total > changes.length ? [`  … and ${total - changes.length} more`] : [];
  return [`The plan: ${total} changes`, ...lines, ...more, `Plan hash: ${planHash ?? ''}`].join('\n');
}

/** A change with its reasons, as `ops show --changes` prints it. */
export function changeText({ kind, user, item, after, state, reason }: ChangeRow): string {
  const failed = (reason.failed ?? []).map((rung) => `      not ${rung.rule}: ${rung.because}`);
  return [
    `  [${state}] ${whatChanges(kind, user, item, after)}`,
    `      ${reasonText(reason)}`,
    ...failed,
  ].join('\n');
}

function reasonText({ rule, because }: Reason): string {
  return `${rule}: ${because}`;
}

function whatChanges(kind: string, user: string, item: JsonObject, after: JsonObject | null): string {
  // A typed item reads 'course c-1', whatever order its members are stored in.
  const members = 'type' in item ? [item['type'], item['id']] : Object.values(item);
  const what = members.map(String).join(' ');
  const successor = kind === 'ownership.transfer' ? ` to ${textOf(after, 'main')}` : '';
  return `${kind}${what === '' ? '' : ` ${what}`} of user ${user}${successor}`;
}

/** An operation's story: who, when, why, from which trigger (X-09). */
export function operationText(operation: OperationRow): string {
  const told: [string, string | null][] = [
    ['operation', operation.id],
    ['workflow', operation.workflowId],
    ['kind', operation.kind],
    ['state', operation.state],
    ['mode', operation.mode],
    ['requested by', operation.requestedBy],
    ['reason', operation.reason],
    ['trigger', operation.trigger],
    ['host', operation.host],
    ['undoes', operation.undoes],
    ['import', operation.import],
    ['opened', operation.openedAt],
    ['approved by', operation.approvedBy],
    ['closed', operation.closedAt],
    ['plan hash', operation.planHash],
    ['failure', operation.failure ? `${operation.failure.type}: ${operation.failure.message}` : null],
  ];
  return table(told.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}
