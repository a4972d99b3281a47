import { ApplicationFailure } from '@temporalio/activity';
import { delivered } from './delivered.ts';
import type { Dependencies } from './dependencies.ts';
import type { Notice } from '../contracts/notices.ts';
import type { OperationResult } from '../contracts/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';

/** Whom the settings name to be told, and how each is told; the names, which Temporal sees, hold no address. */
export type Recipients = ReadonlyMap<string, (notice: Notice) => Promise<void>>;

/** What started the operations that nobody waits for. */
const unattended = ['schedule', 'webhook'];

/** Whether there is anybody to tell. */
export function isAnybodyTold({ recipients }: Dependencies): boolean {
  return recipients !== undefined && recipients.size > 0;
}

/**
 * Whether people are told how an operation ended: those who were told that it waits, and when something went wrong that nobody
 * waited for. What only another operation stood in the way of is tried again by itself.
 */
export function isEndTold(
  deps: Dependencies,
  { trigger, mode }: Pick<OperationRow, 'trigger' | 'mode'>,
  { result, failure, told }: { result: OperationResult; failure: { type: string } | null; told: boolean },
): boolean {
  if (!isAnybodyTold(deps)) return false;
  if (told) return true;
  if (!unattended.includes(trigger) || mode === 'preview') return false;
  const { state, attention } = result;
  if (state === 'failed') return failure?.type !== 'OperationInProgress';
  return state === 'expired' || attention.some(({ type }) => type !== 'OperationInProgress');
}

/**
 * Tells one recipient. If the worker dies just after the other side has taken it, it is told once more, under the same id.
 *
 * @throws ApplicationFailure retryable while the other side is away or busy, or this worker's settings do not name it
 */
export async function tell(
  { recipients }: Dependencies,
  { recipient, notice }: { recipient: string; notice: Notice },
): Promise<void> {
  const send = recipients?.get(recipient);
  if (!send)
    throw ApplicationFailure.retryable(`the settings do not name ${recipient} any more`, 'Undelivered');
  await delivered(send(notice));
}
