import type { Notice } from '../contracts/notices.ts';
import type { Mailer } from '../reports/mailer.ts';
import { mailOf } from './mail-text.ts';
import type { Ui } from './mail-text.ts';
import type { Receiver } from './receivers.ts';
import { sendWebhook } from './send-webhook.ts';

/** Who is told, and what it takes. */
export interface Telling {
  mail?: MailChannel | undefined;
  receivers: readonly Receiver[];
  /** Without it mails hold no link. */
  ui?: Ui | undefined;
}

export interface MailChannel {
  mailer: Mailer;
  /** Each gets a mail of their own. */
  to: readonly string[];
  /** What ids of mails end with. */
  domain: string;
}

type Tell = (notice: Notice) => Promise<void>;

/** Those who are told, by names that hold no address. */
export function openRecipients({ mail, receivers, ui }: Telling): ReadonlyMap<string, Tell> {
  return new Map([
    ...(mail ? byMail(mail, ui) : []),
    ...receivers.map((receiver): [string, Tell] => [
      `webhook-${receiver.name}`,
      (notice) => sendWebhook(receiver, notice),
    ]),
  ]);
}

function byMail({ mailer, to: addresses, domain }: MailChannel, ui: Ui | undefined): [string, Tell][] {
  return addresses.map((to, i) => [
    `mail-${i + 1}`,
    (notice) => mailer.send({ to, messageId: `<${notice.id}.${i + 1}@${domain}>`, ...mailOf(notice, ui) }),
  ]);
}
