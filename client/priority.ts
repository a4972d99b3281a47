import { createHash } from 'node:crypto';
import type { Priority } from '@temporalio/common';
import type { StartRequest } from './start-operation.ts';

/** What is known of an operation before it starts. */
interface Start {
  workflow: string;
  trigger: StartRequest['trigger'];
  workflowId: string;
}

/** Operations about one user: somebody waits for them, and they are done in a second. */
const aboutOne: ReadonlySet<string> = new Set(['deleteUser', 'reinstateUser', 'copyActivity']);

/** Temporal's levels: 1 goes first; 3 has whatever is started without one, as by a schedule or in the Temporal UI. */
const levels = { one: 1, webhook: 2, batch: 3, report: 4 } as const;

/**
 * Who goes first where workers are busy: operations about one user, then what webhooks tell, then batches, then reports. Of the
 * same level each operation gets its share, however many chunks another one has. Chunks and steps inherit it. A server that
 * knows nothing of it takes them as they come.
 */
export function priorityOf({ workflow, trigger, workflowId }: Start): Priority {
  return { priorityKey: levels[levelOf(workflow, trigger)], fairnessKey: fairnessKey(workflowId) };
}

function levelOf(workflow: string, trigger: StartRequest['trigger']): keyof typeof levels {
  if (aboutOne.has(workflow)) return 'one';
  if (workflow === 'runReport') return 'report';
  return trigger === 'webhook' ? 'webhook' : 'batch';
}

/** Temporal takes at most 64 bytes. */
function fairnessKey(workflowId: string): string {
  return Buffer.byteLength(workflowId) <= 64
    ? workflowId
    : createHash('sha256').update(workflowId).digest('hex');
}
