import { allHandlersFinished, condition } from '@temporalio/workflow';
import type { Opened } from '../activities/open.ts';
import type { Lifecycle } from './lifecycle.ts';
import { enter } from './publish-state.ts';
import { refusal } from './refusal.ts';
import { tellPeople } from './tell-people.ts';

/**
 * Waits for approve, reject or cancel. The ledger knows who approved before the first change is made.
 *
 * @throws ApplicationFailure ApprovalRejected, ApprovalExpired
 */
export async function approval(life: Lifecycle, opened: Opened): Promise<void> {
  const { approvalExpiryMs, notifies } = opened;
  enter(life, 'waiting-for-approval');
  const because = life.sealed?.approvalBecause ?? '';
  if (notifies) await tellPeople(life, 'operation.approval_requested', because, approvalExpiryMs);
  const summary = 'the approval expires';
  await condition(() => life.decision !== null || life.cancelRequested, approvalExpiryMs, { summary });
  // An approval that came at the last moment is still being written down.
  await condition(allHandlersFinished);
  const { decision, cancelRequested } = life;
  if (decision === 'approved') return;
  if (decision !== null) throw refusal(decision.type, decision.message);
  if (!cancelRequested) throw refusal('ApprovalExpired', 'nobody approved the plan in time');
}
