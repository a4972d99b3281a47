import type { OperationResult } from '../contracts/operations.ts';

/** @throws when a benchmark's operation did not do what it was to */
export function requireDone(result: unknown): void {
  const { state, conflicts, users } = result as OperationResult;
  if (state === 'done' && conflicts === 0 && users.attention === 0 && users.done > 0) return;
  throw new Error(
    `the operation ended as ${state} with ${conflicts} conflicts and ${JSON.stringify(users)} users`,
  );
}
