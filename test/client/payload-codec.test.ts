import { randomBytes } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import fc from 'fast-check';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codecRoutes } from '../../client/codec-routes.ts';
import { aesCodec } from '../../client/payload-codec.ts';

const [older, newer] = ['older', 'newer'].map((id) => ({ id, key: randomBytes(32) })) as [Key, Key];
type Key = { id: string; key: Buffer };

const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload<unknown>(value);
const valueOf = (given?: Payload): unknown => given && defaultPayloadConverter.fromPayload(given);

describe('the payload codec', () => {
  it('X-10 gives back what it has encrypted, and shows nothing of it', async () => {
    const codec = aesCodec([newer]);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(fc.jsonValue(), fc.uint8Array())), async (values) => {
        const plain = values.map(payload);
        const sealed = await codec.encode(plain);
        expect((await codec.decode(sealed)).map(valueOf)).toEqual(plain.map(valueOf));
      }),
      { numRuns: 50 },
    );
    const [sealed] = await codec.encode([payload({ email: 'ada@example.org' })]);
    expect(Buffer.from(sealed?.data ?? []).toString()).not.toContain('ada');
    expect(Buffer.from(sealed?.metadata?.['encryption-key-id'] ?? []).toString()).toBe('newer');
  });

  it('X-10 keys are changed by putting the new one in front of the old one', async () => {
    const sealed = await aesCodec([older]).encode([payload('ada')]);
    const both = aesCodec([newer, older]);
    const resealed = await both.encode(await both.decode(sealed));
    expect(valueOf((await aesCodec([newer]).decode(resealed))[0])).toBe('ada');
  });

  it('X-10 what was not encrypted is read as it is', async () => {
    expect(await aesCodec([newer]).decode([payload('plain')])).toEqual([payload('plain')]);
  });

  it('X-10 says what is wrong with the keys, and shows none', async () => {
    const [sealed] = await aesCodec([older]).encode([payload('ada')]);
    const decode = (key: Key, given = sealed): Promise<Payload[]> =>
      aesCodec([key]).decode(given ? [given] : []);
    await expect(decode(newer)).rejects.toThrow(
      "encrypted with the key 'older', which LMS_CODEC_KEYS does not name: it names newer",
    );
    const sameName = { id: 'older', key: newer.key };
    await expect(decode(sameName)).rejects.toThrow(
      'another key has that name here, or the payload was changed',
    );
    const data = Buffer.from(sealed?.data ?? []);
    data[20] = (data[20] ?? 0) ^ 1;
    await expect(decode(older, { ...sealed, data })).rejects.toThrow('the payload was changed');
    await expect(decode(older, { ...sealed, data: data.subarray(0, 9) })).rejects.toThrow(
      'cannot be decrypted',
    );
  });
});

describe('the codec server', () => {
  const token = 'a token of thirty-two characters or more';
  const ui = 'https://temporal.example.org';
  let app: FastifyInstance;
  beforeAll(async () => {
    app = Fastify();
    await app.register(codecRoutes({ codec: aesCodec([newer]), token, origins: [ui] }));
  });
  afterAll(() => app.close());

  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const plain = { payloads: [{ metadata: { encoding: base64('json/plain') }, data: base64('"ada"') }] };
  const post = (
    path: string,
    body: object,
    headers: Record<string, string> = { authorization: `Bearer ${token}` },
  ) => app.inject({ method: 'POST', url: path, payload: body, headers });

  it('X-10 encrypts and decrypts for whoever has the token', async () => {
    const sealed = await post('/codec/encode', plain);
    expect(sealed.statusCode).toBe(200);
    expect(sealed.body).not.toContain(base64('"ada"'));
    const opened = await post('/codec/decode', sealed.json());
    expect(opened.json()).toEqual(plain);
    expect(opened.headers['cache-control']).toBe('no-store');
  });

  it('X-10 answers nobody else', async () => {
    for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: token }]) {
      expect(await post('/codec/decode', plain, headers)).toMatchObject({ statusCode: 401 });
    }
  });

  it('X-10 says what is wrong with a payload', async () => {
    const sealed = await aesCodec([older]).encode([payload('ada')]);
    const texts = Object.entries(sealed[0]?.metadata ?? {}).map(([name, value]) => [
      name,
      Buffer.from(value).toString('base64'),
    ]);
    const body = { payloads: [{ metadata: Object.fromEntries(texts) as object, data: 'AAAA' }] };
    const { statusCode, body: text } = await post('/codec/decode', body);
    expect(statusCode).toBe(422);
    expect(text).toContain('LMS_CODEC_KEYS does not name');
    expect(await post('/codec/decode', { payloads: [{ data: '?' }] })).toMatchObject({ statusCode: 400 });
    expect(await post('/codec/decode', {})).toMatchObject({ statusCode: 400 });
  });

  it('X-10 lets browsers ask from the Web UI, and from nowhere else', async () => {
    const ask = (origin: string) =>
      app.inject({
        method: 'OPTIONS',
        url: '/codec/decode',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const allowed = await ask(ui);
    expect(allowed).toMatchObject({ statusCode: 204 });
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': ui,
      'access-control-allow-credentials': 'true',
      'access-control-allow-headers': 'authorization, authorization-extras, content-type, x-namespace',
    });
    expect((await ask('https://evil.example')).headers).not.toHaveProperty('access-control-allow-origin');
    const answered = await post('/codec/decode', plain, { authorization: `Bearer ${token}`, origin: ui });
    expect(answered.headers['access-control-allow-origin']).toBe(ui);
  });
});
