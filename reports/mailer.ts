import { createTransport } from 'nodemailer';

/** A mail to one person. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** The same for the same mail, so that one that is sent twice can be told. */
  messageId: string;
}

export interface Mailer {
  /** @throws MailFailed */
  send(mail: Mail): Promise<void>;
  close(): void;
}

/** A mail that was not sent. What the server said may quote the address and is left out. */
export class MailFailed extends Error {
  override name = 'MailFailed';
  /** Whether it may be sent when it is tried again. */
  readonly transient: boolean;
  constructor(message: string, transient: boolean) {
    super(message);
    this.transient = transient;
  }
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

function failureOf(error: unknown): MailFailed {
  const { responseCode, code } = (error ?? {}) as { responseCode?: unknown; code?: unknown };
  if (typeof responseCode === 'number') {
    const refusal = `the mail server refused with code ${responseCode}`;
    return new MailFailed(refusal, responseCode >= 400 && responseCode < 500);
  }
  const reason = typeof code === 'string' ? code : 'unknown';
  return new MailFailed(
    `the mail server cannot be reached (${reason})`,
    reason !== 'EAUTH' && reason !== 'EENVELOPE',
  );
}
