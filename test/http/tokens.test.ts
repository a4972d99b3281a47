import fastify from 'fastify';
import { expect, it } from 'vitest';
import { effectiveSettings, readConfig } from '../../config.ts';
import { requireToken } from '../../http/require-token.ts';
import { holderOf } from '../../http/tokens.ts';

const [hr, okta] = ['hr-token-0123456789', 'b2t0YS10b2tlbi0wMTIz=='];
const given = `hr=${hr}, okta:scim=${okta}`;

it('A tokens are read with the names of their holders, and never shown', () => {
  const config = readConfig({ LMS_HTTP_TOKENS: given });
  expect(config.LMS_HTTP_TOKENS).toEqual([
    { name: 'hr', token: hr, scope: null },
    { name: 'okta', token: okta, scope: 'scim' },
  ]);
  expect(effectiveSettings(config)).toMatchObject({ LMS_HTTP_TOKENS: 'hr=***,okta:scim=***' });
  expect(effectiveSettings(readConfig({}))).toMatchObject({ LMS_HTTP_TOKENS: '(none)' });
});

it.each([
  ['hr', 'entry 1'],
  [hr, 'entry 1'],
  ['hr=short', 'entry 1'],
  [`hr=${hr},`, 'entry 2'],
  [`hr=${hr},=${okta}`, 'entry 2'],
  [`hr=${hr} ${okta}`, 'entry 1'],
  [`hr=${hr},hr:scim=${okta}`, 'a name twice'],
  [`hr:reports=${hr}`, 'entry 1'],
  [`hr:=${hr}`, 'entry 1'],
  [`hr=${hr}:scim`, 'entry 1'],
])('A the setting %s is refused, and the message holds nothing of it', (text, told) => {
  let error = '';
  try {
    readConfig({ LMS_HTTP_TOKENS: text });
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : '';
  }
  expect(error).toMatch(/^the settings have mistakes: LMS_HTTP_TOKENS: /);
  expect(error).toContain(told);
  for (const secret of [hr, okta, 'short']) expect(error).not.toContain(secret);
});

it.each([
  [`Bearer ${hr}`, 'hr'],
  [`bearer  ${okta}`, 'okta'],
  [`Bearer ${hr} `, null],
  [`Bearer ${hr}${hr}`, null],
  [`Bearer ${hr.slice(1)}`, null],
  ['Bearer', null],
  [hr, null],
  [undefined, null],
])('A the header %s is of %s', (header, name) => {
  const tokens = readConfig({ LMS_HTTP_TOKENS: given }).LMS_HTTP_TOKENS ?? [];
  expect(holderOf(tokens, header)?.name ?? null).toBe(name);
  expect(holderOf([], header)).toBeNull();
});

it('A a token that is limited opens the routes that it is for, and no others', async () => {
  const tokens = readConfig({ LMS_HTTP_TOKENS: given }).LMS_HTTP_TOKENS ?? [];
  const asked = async (scope: 'imports' | 'scim', token: string, all = tokens): Promise<number> => {
    const app = fastify();
    requireToken(app, all, scope);
    app.get('/', () => 'open');
    const answer = await app.inject({ url: '/', headers: { authorization: `Bearer ${token}` } });
    if (answer.statusCode === 403 && all === tokens) {
      expect(answer.headers['www-authenticate']).toContain('insufficient_scope');
    }
    return answer.statusCode;
  };
  expect([await asked('imports', hr), await asked('scim', hr)]).toEqual([200, 200]);
  expect([await asked('imports', okta), await asked('scim', okta)]).toEqual([403, 200]);
  expect(await asked('imports', okta.slice(1))).toBe(401);
  // Where no token is for them at all the routes are closed to everybody.
  expect(await asked('imports', 'anything', tokens.slice(1))).toBe(403);
});
