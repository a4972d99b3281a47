import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A mail as it arrived. */
export interface Received {
  to: string[];
  raw: string;
}

export interface MailServer {
  url: string;
  received: Received[];
  /** Answers the next mails with these codes instead of taking them. */
  refuseWith(...codes: number[]): void;
  close(): Promise<void>;
}

/** A real mail server on this machine. */
export async function startMailServer(): Promise<MailServer> {
  const received: Received[] = [];
  const refusals: number[] = [];
  const server = new SMTPServer({
    ...{ authOptional: true, disabledCommands: ['STARTTLS'], logger: false },
    onRcptTo({ address }, _session, done) {
      const code = refusals.shift();
      const refusal = Object.assign(new Error(`no mail for <${address}>`), { responseCode: code });
      done(code === undefined ? null : refusal);
    },
    onData(stream, session, done) {
      void buffer(stream).then((raw) => {
        received.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw: raw.toString() });
        done();
      }, done);
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    refuseWith: (...codes) => refusals.push(...codes),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
