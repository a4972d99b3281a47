import { exampleInputs } from '../contracts/examples.ts';
import type { OperationKind } from '../contracts/operations.ts';
import type { Lifecycle } from './lifecycle.ts';
import { json } from './markdown.ts';
import { exampleData } from './message-data.ts';
import type { MessageWithData } from './message-data.ts';

/** What an administrator can do at this moment, each with an example that is ready to copy. */
export function offers(life: Lifecycle, kind: string): string {
  const updates = updatesNow(life).map((update) => offer(update, life));
  if (updates.length > 0) return ['**More Actions**, **Send an Update**:', ...updates].join('\n\n');
  return afterwards(life, kind);
}

/** Updates that make a difference now. The first is what the operation waits for. */
export type Update = Exclude<MessageWithData, 'plan'> | Remedy | 'pause' | 'resume' | 'cancelAfterChunk';
type Remedy = 'retryAttention' | 'skipAttention';

export function updatesNow(life: Lifecycle): Update[] {
  const { state, paused, cancelRequested, chunks } = life;
  if (cancelRequested) return [];
  const hold = paused ? 'resume' : 'pause';
  // Only between chunks is there anything to hold up.
  const between: Update[] = chunks > 1 || paused ? [hold, 'setPace'] : [];
  if (state === 'waiting-for-approval') return ['approve', 'reject', ...between];
  if (state === 'needs-attention') return ['retryAttention', 'skipAttention', 'cancelAfterChunk'];
  if (state === 'planning' || state === 'applying' || state === 'paused')
    return [...between, 'cancelAfterChunk'];
  return [];
}

const effects: Readonly<Record<Update, string>> = {
  approve: 'applies this plan',
  reject: 'ends it without a change',
  pause: 'begins no further chunk',
  resume: 'goes on',
  setPace: 'at most so many users a second, `null` for no limit',
  cancelAfterChunk: 'ends it when what is under way is done',
  retryAttention: 'tries them again',
  skipAttention: 'gives them up, and ends',
};

function offer(update: Update, { sealed }: Lifecycle): string {
  const line = `- **${update}**: ${effects[update]}`;
  if (update !== 'approve' && update !== 'reject' && update !== 'setPace') return `${line}; without data`;
  return `${line}\n\n${json(exampleData(update, sealed?.planHash))}`;
}

/** What can be done about an operation that has ended. */
function afterwards({ state, sealed, applied, operation, failure }: Lifecycle, kind: string): string {
  if (state === 'previewed') {
    const hash = ['```json', `"planHash": "${sealed?.planHash ?? ''}"`, '```'].join('\n');
    return `To apply exactly this plan: **Start Workflow Like This One**, in its input instead of \`mode\`\n${hash}`;
  }
  if (failure?.type === 'InvalidInput') return correction(kind);
  if (applied === 0 || kind === 'undoOperation') return '';
  if (kind === 'removeRegistrations') return 'What it has removed is gone for good: it cannot be taken back.';
  const input = json({ operation, requestedBy: '<your user id>' });
  return `To take it back: **Start Workflow**, type **undoOperation**, with\n${input}`;
}

/** An input as it should have been. */
export function correction(kind: string): string {
  const example = json(exampleInputs[kind as OperationKind]);
  return `To correct it: **Start Workflow Like This One**. For example:\n${example}`;
}
