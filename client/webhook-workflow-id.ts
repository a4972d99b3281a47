import { createHash } from 'node:crypto';

/** One event of a delivery. */
export interface EventPlace {
  /** The id of the ledger that has the delivery. */
  instance: string;
  source: string;
  messageId: string;
  part: number;
}

/** What of an instance's id is enough to tell it from others in one Temporal namespace. */
const instanceLength = 8;

/**
 * The workflow id of an event, `webhook:SOURCE:MESSAGE:PART@INSTANCE`: the same for the same event, whoever starts it, and another
 * one for an event of the same name that another instance was told of.
 */
export function webhookWorkflowId(place: EventPlace): string {
  return `${earlierWorkflowId(place)}@${place.instance.slice(0, instanceLength)}`;
}

/** The id that the event's workflow had before instances were told apart: what was started under it is not started again. */
export function earlierWorkflowId({ source, messageId, part }: EventPlace): string {
  // Whatever else a source puts into its ids, an address say, does not get into Temporal.
  const plain = /^[A-Za-z0-9_.-]{1,128}$/.test(messageId);
  const message = plain ? messageId : `+${createHash('sha256').update(messageId).digest('hex')}`;
  return `webhook:${source}:${message}:${part}`;
}

/**
 * The workflow id of the next try, `webhook:SOURCE:MESSAGE:PART:TRY@INSTANCE`.
 *
 * @param workflowId that of the latest one
 * @param tries how many there have been
 */
export function nextWorkflowId(workflowId: string, tries: number): string {
  const [event = '', ...instance] = workflowId.split('@');
  const first = tries > 1 ? event.slice(0, event.lastIndexOf(':')) : event;
  return [`${first}:${tries + 1}`, ...instance].join('@');
}
