import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../../contracts/notices.ts';
import { openRecipients } from '../../notifications/open-recipients.ts';
import { openMailer } from '../../reports/mailer.ts';
import { refuse, repair } from '../faults/support/refusing-host.ts';
import { startMailServer } from '../reports/support/mail-server.ts';
import type { MailServer } from '../reports/support/mail-server.ts';
import { fullLife, fullLifeCounts } from '../scenarios/full-life.ts';
import { untilState } from '../scenarios/steps.ts';
import { historyText } from '../support/history-text.ts';
import { openLab, running } from '../support/lab.ts';
import type { Lab, Running } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';
import { newSecret } from '../webhooks/support/sender.ts';
import { startReceiver, verified } from './support/receiver.ts';
import type { ReceiverServer } from './support/receiver.ts';

const secret = newSecret();

let mails: MailServer;
let receiver: ReceiverServer;
let mailer: ReturnType<typeof openMailer>;
let lab: Lab;
beforeAll(async () => {
  mails = await startMailServer();
  receiver = await startReceiver();
  mailer = openMailer({ url: mails.url, from: 'LMS <lms@lms.invalid>' });
  const secrets = [Buffer.from(secret.slice('whsec_'.length), 'base64')];
  const recipients = openRecipients({
    mail: { mailer, to: ['day@ops.invalid', 'night@ops.invalid'], domain: 'lms.invalid' },
    receivers: [{ name: 'ops', url: `${receiver.url}/a-key`, secrets }],
    ui: { url: 'https://temporal.invalid/ui', namespace: 'default' },
  });
  lab = await openLab({}, { recipients });
}, 120_000);
afterAll(async () => {
  await lab.close();
  mailer.close();
  await receiver.close();
  await mails.close();
});
beforeEach(async () => {
  await lab.load(fullLife());
  mails.received.length = 0;
  receiver.arrived.length = 0;
});

const deletion = { user: { id: 'ada' }, requestedBy: admin, includePrivateSubgroups: true };

/** Waits until everybody has been told so often; what they were told, and the mails. */
async function told(times: number): Promise<{ notices: Omit<Notice, 'id'>[]; texts: string[] }> {
  const counts = () => [receiver.arrived.length, mails.received.length];
  await expect.poll(counts, { timeout: 20_000 }).toEqual([times, 2 * times]);
  const texts = mails.received.map(({ raw }) => raw.replaceAll('=\r\n', '').replaceAll('=3D', '='));
  return { notices: receiver.arrived.map((one) => verified(secret, one)), texts };
}

/** Starts the deletion of ada as what nobody waits for. */
async function unattended(input: object, trigger = 'schedule'): Promise<Running> {
  const workflowId = `deleteUser-${randomUUID()}`;
  const { client, taskQueue } = lab;
  const options = { workflowId, taskQueue, args: [input], memo: { trigger } };
  return running(await client.workflow.start('deleteUser', options));
}

async function statusOf(id: unknown): Promise<string> {
  const { status } = await lab.client.workflow.getHandle(`notify-${String(id)}`).describe();
  return status.name;
}

describe('people are told', () => {
  it('X-04 that a plan waits for approval, with what it takes to decide, and later how it ended', async () => {
    const waiting = await lab.start('deleteUser', { ...deletion, approval: 'required' });
    const { planHash, operation } = await untilState(waiting, 'waiting-for-approval');
    const { notices, texts } = await told(1);
    expect(notices).toEqual([
      {
        type: 'operation.approval_requested',
        timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
        data: {
          ...{ operation, workflowId: waiting.workflowId, kind: 'deleteUser', state: 'waiting-for-approval' },
          ...{ requestedBy: admin, user: 'ada', because: 'the input asks for it', planHash, users: 1 },
          ...{ counts: fullLifeCounts, expiresAt: expect.any(String), attention: [] },
        },
      },
    ]);
    const { timestamp, data } = notices[0] as Notice;
    const week = 7 * 24 * 60 * 60 * 1000;
    expect(Date.parse(data.expiresAt ?? '') - Date.parse(timestamp)).toBe(week);
    expect(mails.received.map(({ to }) => to).sort()).toEqual([['day@ops.invalid'], ['night@ops.invalid']]);
    for (const text of texts) {
      expect(text).toContain('Subject: Approval needed: deleteUser, 1 user');
      expect(text).toContain(
        `lms-lifecycle ops approve ${operation} --as <your user id> --plan-hash ${planHash}`,
      );
      expect(text).toContain(`account.retire: ${fullLifeCounts['account.retire']}`);
      expect(text).toContain(`can be approved until: ${data.expiresAt ?? ''}`);
      expect(text).toContain(
        `https://temporal.invalid/ui/namespaces/default/workflows/${waiting.workflowId}`,
      );
    }
    await waiting.update('approve', { by: admin, planHash });
    await waiting.result();
    const ended = await told(2);
    expect(ended.notices[1]).toMatchObject({
      type: 'operation.ended',
      data: { state: 'done', because: 'done' },
    });
    expect(new Set(receiver.arrived.map(({ headers }) => headers['webhook-id'])).size).toBe(2);
  });

  it('X-10 X-07 that users need attention, by ids only, whatever the host says of them', async () => {
    const world = fullLife();
    const people = world.users.flatMap(({ email, name }) => [email, name]);
    await refuse(lab.sql, 'account', ['ada']);
    try {
      const refused = await lab.start('deleteUser', { ...deletion, reason: 'Ada Lovelace left' });
      await untilState(refused, 'needs-attention');
      const { notices } = await told(1);
      expect(notices[0]).toMatchObject({
        type: 'operation.attention_needed',
        data: {
          because: 'the host refused to change some users',
          attention: [{ line: 1, user: 'ada', type: 'Unexpected' }],
        },
      });
      await refused.update('skipAttention');
      await refused.result();
      expect((await told(2)).notices[1]).toMatchObject({
        data: { because: 'done; of its lines 1 need attention' },
      });
      const histories = await Promise.all(
        receiver.arrived.map(({ headers }) =>
          historyText(lab.client, `notify-${String(headers['webhook-id'])}`),
        ),
      );
      const everything = [
        ...receiver.arrived.map(({ body }) => body),
        ...(await told(2)).texts,
        ...histories,
      ];
      for (const text of everything) {
        expect(text).toContain('ada');
        expect(
          [...people, 'Lovelace'].filter((one) => text.toLowerCase().includes(one.toLowerCase())),
        ).toEqual([]);
      }
      for (const history of histories) expect(history).not.toMatch(/ops\.invalid|a-key|127\.0\.0\.1/);
    } finally {
      await repair(lab.sql);
    }
  });

  it('X-10 that a plan was rejected, without what somebody wrote about it', async () => {
    const waiting = await lab.start('deleteUser', { ...deletion, approval: 'required' });
    await untilState(waiting, 'waiting-for-approval');
    await waiting.update('reject', { by: admin, reason: 'ask ada@example.org first' });
    await waiting.result().catch(() => undefined);
    const { notices } = await told(2);
    expect(notices[1]).toMatchObject({ data: { state: 'rejected', because: 'ApprovalRejected' } });
    expect(receiver.arrived.map(({ body }) => body).join()).not.toContain('ada@example.org');
  });

  it('of what failed or left somebody out while nobody waited for it, and of nothing else', async () => {
    const refusing = { ...deletion, includePrivateSubgroups: false };
    await (await unattended(deletion)).result();
    await lab.load(fullLife());
    await lab.run('deleteUser', refusing).catch(() => undefined);
    await (await unattended({ ...refusing, mode: 'preview' })).result().catch(() => undefined);
    await (await unattended(refusing)).result().catch(() => undefined);
    await (
      await unattended({ ...deletion, user: { id: 'nobody' } }, 'webhook')
    )
      .result()
      .catch(() => undefined);
    const { notices } = await told(2);
    expect(notices.map(({ type, data }) => [type, data.state, data.because.split(':')[0]])).toEqual([
      ['operation.ended', 'failed', 'PrivateMembershipsRemain'],
      ['operation.ended', 'failed', 'NotFound'],
    ]);
  });
});

describe('who cannot be reached', () => {
  it('is tried again under the same id, and nobody else is told twice', async () => {
    receiver.misbehave({ status: 500 }, 'cut');
    mails.refuseWith(451);
    await (await unattended({ ...deletion, user: { id: 'nobody' } })).result().catch(() => undefined);
    const counts = () => [receiver.arrived.length, mails.received.length];
    await expect.poll(counts, { timeout: 20_000 }).toEqual([3, 2]);
    const ids = receiver.arrived.map(({ headers }) => headers['webhook-id']);
    expect(new Set(ids).size).toBe(1);
    for (const one of receiver.arrived)
      expect(verified(secret, one)).toMatchObject({ type: 'operation.ended' });
    await expect.poll(() => statusOf(ids[0])).toBe('COMPLETED');
    expect(counts()).toEqual([3, 2]);
  });

  it('holds no operation up, and is given up when gone for good', async () => {
    receiver.misbehave({ status: 503 }, { status: 410 });
    mails.refuseWith(550, 550);
    const waiting = await lab.start('deleteUser', { ...deletion, approval: 'required' });
    const { planHash, operation } = await untilState(waiting, 'waiting-for-approval');
    await waiting.update('approve', { by: admin, planHash });
    expect(await waiting.result()).toMatchObject({ state: 'done' });
    const id = `${operation}_approval_requested_1`;
    await expect.poll(() => statusOf(id), { timeout: 20_000 }).toBe('FAILED');
    const failed = lab.client.workflow.getHandle(`notify-${id}`).result();
    await expect(failed).rejects.toMatchObject({ cause: { type: 'Undelivered' } });
  });
});
