import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../contracts/notices.ts';
import { parseReceivers } from '../../notifications/receivers.ts';
import { sendWebhook } from '../../notifications/send-webhook.ts';
import { newSecret } from '../webhooks/support/sender.ts';
import { startReceiver, verified } from './support/receiver.ts';
import type { ReceiverServer } from './support/receiver.ts';

let server: ReceiverServer;
beforeAll(async () => {
  server = await startReceiver();
});
beforeEach(() => {
  server.arrived.length = 0;
});
afterAll(() => server.close());

const notice: Notice = {
  id: 'op-1_approval_requested_1',
  type: 'operation.approval_requested',
  timestamp: '2026-03-01T12:00:00.000Z',
  data: {
    ...{ operation: 'op-1', workflowId: 'deleteUser-1', kind: 'deleteUser', state: 'waiting-for-approval' },
    ...{ requestedBy: 'Zoë', user: null, because: 'the input asks for it', planHash: 'abc', counts: {} },
    ...{ users: 1, expiresAt: null, attention: [] },
  },
};

async function send(setting: string): Promise<void> {
  const receivers = parseReceivers(`ops=${setting}`, (message) => {
    throw new Error(message);
  });
  for (const receiver of receivers) await sendWebhook(receiver, notice);
}

describe('a webhook that is sent', () => {
  it('is one that the reference library takes, with the notice as it is', async () => {
    const secret = newSecret();
    await send(`${server.url}/hooks?key=1 ${secret}`);
    const [first] = server.arrived;
    const { id, ...told } = notice;
    expect(first && verified(secret, first)).toEqual(told);
    expect(first?.path).toBe('/hooks?key=1');
    expect(first?.headers['webhook-id']).toBe(id);
    expect(() => first && verified(newSecret(), first)).toThrow('No matching signature');
  });

  it('is signed by each of the secrets while they are rotated', async () => {
    const secrets = [newSecret(), newSecret()];
    await send(`${server.url} ${secrets.join(' ')}`);
    const [first] = server.arrived;
    for (const secret of secrets)
      expect(first && verified(secret, first)).toMatchObject({ type: notice.type });
  });

  it('has the same id in each try, and the time of the try', async () => {
    const setting = `${server.url} ${newSecret()}`;
    await send(setting);
    await new Promise((resolve) => setTimeout(resolve, 1_010));
    await send(setting);
    const [first, second] = server.arrived.map(({ headers }) => headers);
    expect(second?.['webhook-id']).toBe(first?.['webhook-id']);
    expect(Number(second?.['webhook-timestamp'])).toBeGreaterThan(Number(first?.['webhook-timestamp']));
  });

  it.each([
    ['an error of the receiver', { status: 500 }, true],
    ['a refusal, which the receiver may mend', { status: 400 }, true],
    ['too many', { status: 429 }, true],
    ['a cut connection', 'cut' as const, true],
    ['an address that is gone for good', { status: 410 }, false],
  ])('fails by %s', async (_, misbehaviour, transient) => {
    server.misbehave(misbehaviour);
    await expect(send(`${server.url}/a-key ${newSecret()}`)).rejects.toMatchObject({ transient });
    expect(server.arrived).toHaveLength(1);
  });

  it('does not follow redirects, which nobody has signed for', async () => {
    const other = await startReceiver();
    for (const status of [301, 307, 308]) {
      server.misbehave({ status, headers: { location: other.url } });
      const refused = {
        name: 'Undelivered',
        transient: true,
        message: `the receiver answered with ${status}`,
      };
      await expect(send(`${server.url} ${newSecret()}`)).rejects.toMatchObject(refused);
    }
    expect(other.arrived).toEqual([]);
    await other.close();
  });

  it('X-10 fails without its address in the message, when nobody is there', async () => {
    const gone = await startReceiver();
    await gone.close();
    const message = 'the receiver cannot be reached (ECONNREFUSED)';
    await expect(send(`${gone.url}/a-key ${newSecret()}`)).rejects.toMatchObject({
      message,
      transient: true,
    });
  });
});

describe('LMS_NOTIFY_WEBHOOKS', () => {
  const problems = (text: string): string[] => {
    const found: string[] = [];
    parseReceivers(text, (message) => found.push(message));
    return found;
  };

  it('names each receiver, its address and its secrets', () => {
    const [one, two] = [newSecret(), newSecret()];
    const setting = `ops=https://ops.example.org/hooks ${one},${two};siem=http://127.0.0.1:8088/a%3Bb ${two}`;
    expect(problems(setting)).toEqual([]);
    const receivers = parseReceivers(setting, () => undefined);
    expect(receivers.map(({ name, url, secrets }) => [name, url, secrets.length])).toEqual([
      ['ops', 'https://ops.example.org/hooks', 2],
      ['siem', 'http://127.0.0.1:8088/a%3Bb', 1],
    ]);
  });

  it('is refused with every mistake, and shows neither addresses nor secrets', () => {
    const secret = newSecret();
    const address = 'https://ops.example.org/hidden';
    const found = problems(
      [
        `=${address} ${secret}`,
        `a=${secret}`,
        `b=ftp://ops.example.org/hidden ${secret}`,
        `c=https://me:hidden@ops.example.org ${secret}`,
        `d=${address}`,
        `e=${address} whsec_c2hvcnQ=`,
        `f=${address} whpk_${Buffer.alloc(32).toString('base64')}`,
        `g=${address} ${secret}`,
        `g=${address} ${secret}`,
      ].join(';'),
    );
    expect(found).toEqual([
      'entry 1 does not begin with the name of a receiver (a-z, 0-9, -) and =',
      'a: what follows = is no address',
      'a has no secret',
      'b: the address begins with https:// or http://',
      'c: the address holds neither a user nor a password',
      'd has no secret',
      'e, secret 1: a secret has 24 to 64 bytes',
      'f, secret 1 is a public key: what is sent is signed with whsec_',
      'g is named twice',
    ]);
    for (const hidden of ['hidden', secret]) expect(found.join()).not.toContain(hidden);
  });
});
