import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { effectiveSettings, readConfig } from '../../config.ts';
import { decoyKeys, isSigned } from '../../webhooks/signature.ts';
import type { SignedHeaders } from '../../webhooks/signature.ts';
import { keyPair, keysOf, newSecret, signed } from './support/sender.ts';

const body = '{"type":"user.deleted","data":{"user":{"id":"ann","name":"Zoë"}}}';
const now = new Date('2026-03-01T12:00:00Z');

function read(headers: Record<string, string>): SignedHeaders {
  const of = (name: string): string => headers[`webhook-${name}`] ?? '';
  return { id: of('id'), timestamp: of('timestamp'), signature: of('signature') };
}

function accepted(setting: string, headers: Record<string, string>, text = body, at = now): boolean {
  return isSigned(keysOf(`lms=${setting}`).get('lms') ?? [], read(headers), Buffer.from(text), at.getTime());
}

describe('a signature', () => {
  it('HTTP v1 of the reference library is accepted, and what is accepted the reference library accepts', () => {
    const secret = newSecret();
    expect(accepted(secret, signed(secret, 'msg_1', body, now))).toBe(true);
    const at = new Date();
    const seconds = Math.floor(at.getTime() / 1000);
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const made = createHmac('sha256', key).update(`msg_2.${seconds}.${body}`).digest('base64');
    const headers = {
      'webhook-id': 'msg_2',
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${made}`,
    };
    expect(accepted(secret, headers, body, at)).toBe(true);
    expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
  });

  it("HTTP v1 is that of the reference library's own example", () => {
    const headers = {
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    };
    const at = new Date(1_614_265_330_000);
    expect(accepted('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', headers, '{"test": 2432232314}', at)).toBe(
      true,
    );
  });

  it('HTTP v1a, by an Ed25519 key, is accepted; that of another key, or over another body, is not', () => {
    const ours = keyPair();
    expect(accepted(ours.publicKey, ours.signed('msg_1', body, now))).toBe(true);
    expect(accepted(ours.publicKey, keyPair().signed('msg_1', body, now))).toBe(false);
    expect(accepted(ours.publicKey, ours.signed('msg_1', body, now), `${body} `)).toBe(false);
  });

  it('HTTP while keys are rotated any of the signatures may fit any of the keys, of both kinds', () => {
    const [old, next] = [newSecret(), newSecret()];
    const pair = keyPair();
    const all = `${old} ${next},${pair.publicKey}`;
    expect(accepted(all, signed(old, 'msg_1', body, now))).toBe(true);
    expect(accepted(all, signed(next, 'msg_1', body, now))).toBe(true);
    expect(accepted(all, pair.signed('msg_1', body, now))).toBe(true);
    expect(accepted(next, signed([newSecret(), old, next], 'msg_1', body, now))).toBe(true);
    expect(accepted(old, signed([newSecret(), next], 'msg_1', body, now))).toBe(false);
  });

  it.each([
    ['another id', { 'webhook-id': 'msg_2' }],
    ['another time', { 'webhook-timestamp': String(now.getTime() / 1000 + 1) }],
    ['no signature', { 'webhook-signature': '' }],
    ['a signature of another length', { 'webhook-signature': 'v1,AAAA' }],
    ['a signature of another version', { 'webhook-signature': 'v2,AAAA' }],
    ['a time that is none', { 'webhook-timestamp': 'NaN' }],
    ['a time with something behind it', { 'webhook-timestamp': `${now.getTime() / 1000}x` }],
  ])('HTTP with %s is refused', (_what, changed) => {
    const secret = newSecret();
    expect(accepted(secret, { ...signed(secret, 'msg_1', body, now), ...changed })).toBe(false);
  });

  it.each([
    [-300, true],
    [300, true],
    [-301, false],
    [301, false],
  ])('HTTP that is %i seconds off is accepted: %s', (seconds, expected) => {
    const secret = newSecret();
    const at = new Date(now.getTime() + seconds * 1000);
    expect(accepted(secret, signed(secret, 'msg_1', body, at))).toBe(expected);
  });

  it('HTTP nothing is signed with the keys of nobody', () => {
    const headers = read(signed(newSecret(), 'msg_1', body, now));
    expect(isSigned(decoyKeys, headers, Buffer.from(body), now.getTime())).toBe(false);
  });
});

describe('LMS_WEBHOOK_SECRETS', () => {
  it('HTTP names sources with one key or several, and is never shown', () => {
    const secrets = [newSecret(), newSecret()];
    const { publicKey } = keyPair();
    const config = readConfig({ LMS_WEBHOOK_SECRETS: `lms=${secrets.join(' ')};\n moodle = ${publicKey}` });
    const keys = [...config.LMS_WEBHOOK_SECRETS].map(([name, some]) => [
      name,
      ...some.map(({ scheme }) => scheme),
    ]);
    expect(keys).toEqual([
      ['lms', 'v1', 'v1'],
      ['moodle', 'v1a'],
    ]);
    const shown = JSON.stringify(effectiveSettings(config));
    expect(shown).toContain('lms (keys: 2), moodle (keys: 1)');
    expect(shown).not.toContain(secrets[0]?.slice(6, 20));
  });

  it.each([
    'whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=',
    'lms',
    'lms=',
    'LMS=whsec_x',
    'lms=whsec_c2hvcnQ=',
    'lms=whpk_c2hvcnQ=',
  ])('X-16 %j is refused without being repeated', (LMS_WEBHOOK_SECRETS) => {
    expect(() => readConfig({ LMS_WEBHOOK_SECRETS })).toThrow(/LMS_WEBHOOK_SECRETS: /);
    expect(() => readConfig({ LMS_WEBHOOK_SECRETS })).not.toThrow(/c2hvcnQ|c2VjcmV0/);
  });
});
