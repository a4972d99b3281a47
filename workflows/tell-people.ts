import {
  CancellationScope,
  log,
  ParentClosePolicy,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import type { Notice, NoticeType } from '../contracts/notices.ts';
import { thisWorkflow } from './details.ts';
import type { Lifecycle } from './lifecycle.ts';
import { notify } from './notify.ts';

/** How many lines that need attention a notice names. */
const namedLines = 10;

/**
 * Has people told of where the operation stands, by a workflow that goes on by itself: whether they can be reached is never the
 * operation's concern.
 *
 * @param because why it waits, or how it ended; ids only
 * @param expiresInMs for how long it can be approved
 */
export async function tellPeople(
  life: Lifecycle,
  type: NoticeType,
  because: string,
  expiresInMs: number | null = null,
): Promise<void> {
  life.told += 1;
  const notice = noticeOf(life, type, because, expiresInMs);
  try {
    await CancellationScope.nonCancellable(() =>
      startChild(notify, {
        // When the operation was reset it is told under the same id, and not again.
        workflowId: `notify-${notice.id}`,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        args: [notice],
        memo: { operation: life.operation },
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `${type}: ${notice.data.kind}, operation ${life.operation}`,
      }),
    );
  } catch (error) {
    log.warn('nobody is told', { type, reason: error instanceof Error ? error.name : 'unknown' });
  }
}

function noticeOf(life: Lifecycle, type: NoticeType, because: string, expiresInMs: number | null): Notice {
  const { operation, state, sealed, told } = life;
  const { kind, user = null, requestedBy = null } = thisWorkflow();
  const now = Date.now();
  return {
    id: [operation, type.replace('operation.', ''), told].join('_'),
    type,
    timestamp: new Date(now).toISOString(),
    data: {
      operation,
      workflowId: workflowInfo().workflowId,
      kind,
      state,
      requestedBy,
      user,
      because,
      planHash: sealed?.planHash ?? null,
      counts: sealed?.counts ?? {},
      users: sealed?.users ?? 0,
      expiresAt: expiresInMs === null ? null : new Date(now + expiresInMs).toISOString(),
      attention: life.attention.slice(0, namedLines),
    },
  };
}

/** What people wrote, and what they typed, is left out: it may name somebody. */
const written = ['ApprovalRejected', 'InvalidInput'];

/** How an operation ended, in a line. */
export function endingText({ state, failure, attention }: Lifecycle): string {
  if (failure === null) {
    if (attention.length === 0) return state;
    return `${state}; of its lines ${attention.length < 100 ? attention.length : '100 or more'} need attention`;
  }
  return written.includes(failure.type) ? failure.type : `${failure.type}: ${failure.message}`;
}
