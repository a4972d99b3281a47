import type { ChangeKind } from './changes.ts';
import type { Attention, OperationState } from './operations.ts';

/** What people are told of while nobody may be looking. */
export type NoticeType = 'operation.approval_requested' | 'operation.attention_needed' | 'operation.ended';

/** Something that people are told, as the mails and webhooks have it: the same in each try. Ids only. */
export interface Notice {
  /** By which a receiver tells what it has had already: letters, digits, `-` and `_`. */
  id: string;
  type: NoticeType;
  /** When it came to this, ISO 8601, UTC. */
  timestamp: string;
  data: NoticeData;
}

export interface NoticeData {
  operation: string;
  workflowId: string;
  kind: string;
  state: OperationState;
  /** Who asked for it; null when its input was refused. */
  requestedBy: string | null;
  /** The user whom it is about, where that is one. */
  user: string | null;
  /** Why it waits, or how it ended. */
  because: string;
  /** Null before there is a plan. */
  planHash: string | null;
  /** How many changes of each kind are planned, and of how many users. */
  counts: Partial<Record<ChangeKind, number>>;
  users: number;
  /** Until when it can be approved, ISO 8601, UTC. */
  expiresAt: string | null;
  /** The first lines that need attention. */
  attention: Attention[];
}
