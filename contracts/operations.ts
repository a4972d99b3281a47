import { z } from 'zod';
import type { ChangeKind } from './changes.ts';
import type { FailureType } from './failures.ts';

const id = z.string().trim().min(1).max(500);

/** A user as people name one: `{ id }`, `{ email }` or the bare string of either; an id wins. */
const userRefSchema = z.union([
  id,
  z.strictObject({ id, email: id.optional() }),
  z.strictObject({ email: id }),
]);
export type UserRef = z.infer<typeof userRefSchema>;

/** What every operation takes (spec: interface, Workflows). */
const common = {
  requestedBy: id.describe('The id of the user who asks; what may be done is judged by it.').optional(),
  reason: z.string().max(2000).optional(),
  mode: z.enum(['apply', 'preview']).default('apply'),
  approval: z.enum(['auto', 'required']).default('auto'),
  planHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'is not a plan hash (64 hex digits)')
    .optional(),
  maxUsers: z.int().min(0).optional(),
  maxShare: z.number().min(0).max(1).default(0.2),
};

export const deleteUserSchema = z.strictObject({
  ...common,
  requestedBy: common.requestedBy.unwrap(),
  user: userRefSchema,
  includePrivateSubgroups: z.boolean().default(false),
});
export type DeleteUserInput = z.infer<typeof deleteUserSchema>;

const undoOperationSchema = z.strictObject({
  ...common,
  requestedBy: common.requestedBy.unwrap(),
  operation: id.describe('The id of the operation to undo, as its result gives it.'),
});
export type UndoOperationInput = z.infer<typeof undoOperationSchema>;

export const operationSchemas = { deleteUser: deleteUserSchema, undoOperation: undoOperationSchema } as const;
export type OperationKind = keyof typeof operationSchemas;

/** Where an operation stands. The last six are final. */
export type OperationState =
  | 'planning'
  | 'waiting-for-approval'
  | 'applying'
  | 'previewed'
  | 'done'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'failed';

/** A user (or input line) that could not be dealt with and why; never an email or name. */
export interface Attention {
  line: number;
  user: string | null;
  type: FailureType;
  message: string;
}

/** What a workflow returns. `counts` has the changes planned (preview) or applied; conflicts are not in it. */
export interface OperationResult {
  operation: string;
  state: OperationState;
  counts: Partial<Record<ChangeKind, number>>;
  users: { done: number; unchanged: number; attention: number };
  /** The first 100. */
  attention: Attention[];
  /** Changes that somebody else's change to the same row prevented. */
  conflicts: number;
  planHash: string;
}
