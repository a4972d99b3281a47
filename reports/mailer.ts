import { createTransport } from 'nodemailer';
import { Undelivered } from '../contracts/undelivered.ts';

/** A mail to one person. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** The same for the same mail, so that one that is sent twice can be told. */
  messageId: string;
}

export interface Mailer {
  /** @throws Undelivered */
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** Neither a server that does not answer nor one that is slow may hold a report up for ever. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 };

/** @param url `smtp://user:password@host:port`, or `smtps://…` */
export function openMailer({ url, from }: { url: string; from: string }): Mailer {
  const transport = createTransport({ url, ...timeouts }, { from });
  return {
    async send({ messageId, ...mail }) {
      try {
        // Neither files nor other servers are ever read for a mail.
        await transport.sendMail({ ...mail, messageId, disableFileAccess: true, disableUrlAccess: true });
      } catch (error) {
        throw failureOf(error);
      }
    },
    close: () => transport.close(),
  };
}

function failureOf(error: unknown): Undelivered {
  const { responseCode, code } = (error ?? {}) as { responseCode?: unknown; code?: unknown };
  if (typeof responseCode === 'number') {
    const refusal = `the mail server refused with code ${responseCode}`;
    return new Undelivered(refusal, responseCode >= 400 && responseCode < 500);
  }
  const reason = typeof code === 'string' ? code : 'unknown';
  return new Undelivered(
    `the mail server cannot be reached (${reason})`,
    reason !== 'EAUTH' && reason !== 'EENVELOPE',
  );
}
