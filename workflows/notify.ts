import { ApplicationFailure, isCancellation } from '@temporalio/workflow';
import type { Notice } from '../contracts/notices.ts';
import { activities, activitiesWith } from './activity-options.ts';

const { tell } = activitiesWith({
  startToCloseTimeout: '2 minutes',
  // A mail server or a receiver may be away for a night; what is told later than that helps nobody.
  scheduleToCloseTimeout: '1 day',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 hour' },
});

/**
 * Tells everybody whom the settings name, each for themselves, so that one who cannot be reached keeps nobody else from hearing of
 * it. It is a workflow of its own, which the operation does not wait for.
 *
 * @throws ApplicationFailure Undelivered, naming those who could not be told
 */
export async function notify(notice: Notice): Promise<void> {
  const recipients = await activities.listRecipients({ operation: notice.data.operation });
  const untold: string[] = [];
  const each = async (recipient: string): Promise<void> => {
    try {
      await tell({ recipient, notice });
    } catch (error) {
      if (isCancellation(error)) throw error;
      untold.push(recipient);
    }
  };
  await Promise.all(recipients.map(each));
  if (untold.length > 0)
    throw ApplicationFailure.nonRetryable(`could not tell ${untold.join(', ')}`, 'Undelivered');
}
