import type { OperationResult } from '../contracts/operations.ts';

/** @throws when a benchmark's deletion did not delete everybody */
export function requireDone(result: unknown): void {
  const { state, conflicts, users } = result as OperationResult;
  if (state === 'done' && conflicts === 0 && users.attention === 0 && users.unchanged === 0) return;
  throw new Error(
    `the deletion ended as ${state} with ${conflicts} conflicts and ${JSON.stringify(users)} users`,
  );
}
