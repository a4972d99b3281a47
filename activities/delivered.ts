import { ApplicationFailure } from '@temporalio/activity';
import { Undelivered } from '../contracts/undelivered.ts';

/**
 * Waits for a mail or a webhook to be delivered.
 *
 * @throws ApplicationFailure retryable while the other side is away or busy
 */
export async function delivered(sending: Promise<void>): Promise<void> {
  try {
    await sending;
  } catch (error) {
    if (!(error instanceof Undelivered)) throw error;
    const { message, transient } = error;
    throw ApplicationFailure.create({
      message,
      type: transient ? 'Undelivered' : 'Unexpected',
      nonRetryable: !transient,
    });
  }
}
