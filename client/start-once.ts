import { isGrpcServiceError, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import { inTime } from './in-time.ts';
import { startUnder } from './start-operation.ts';
import type { StartRequest } from './start-operation.ts';

/** Temporal will never start this, however often it is asked. */
export class NeverStarts extends Error {}

/**
 * Starts an operation under an id of the caller's, at most once for as long as Temporal remembers it: when it was started
 * before, by whomever, nothing happens.
 *
 * @throws NeverStarts when the request itself is refused; any other error may go away
 */
export async function startOnce(
  client: Client,
  { workflowId, ...request }: StartRequest & { workflowId: string },
): Promise<void> {
  try {
    await inTime(client, () =>
      startUnder(client, workflowId, request, {
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      }),
    );
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return;
    if (grpcCode(error) === invalidArgument) throw new NeverStarts('Temporal refuses it');
    throw error;
  }
}

/** gRPC's INVALID_ARGUMENT. */
const invalidArgument = 3;

function grpcCode(error: unknown): number | null {
  const cause = error instanceof Error ? error.cause : undefined;
  return isGrpcServiceError(cause) ? cause.code : null;
}
