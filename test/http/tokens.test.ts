import { expect, it } from 'vitest';
import { effectiveSettings, readConfig } from '../../config.ts';
import { holderOf } from '../../http/tokens.ts';

const [hr, okta] = ['hr-token-0123456789', 'b2t0YS10b2tlbi0wMTIz=='];
const given = `hr=${hr}, okta=${okta}`;

it('A tokens are read with the names of their holders, and never shown', () => {
  const config = readConfig({ LMS_HTTP_TOKENS: given });
  expect(config.LMS_HTTP_TOKENS).toEqual([
    { name: 'hr', token: hr },
    { name: 'okta', token: okta },
  ]);
  expect(effectiveSettings(config)).toMatchObject({ LMS_HTTP_TOKENS: 'hr=***,okta=***' });
  expect(effectiveSettings(readConfig({}))).toMatchObject({ LMS_HTTP_TOKENS: '(none)' });
});

it.each([
  ['hr', 'entry 1'],
  [hr, 'entry 1'],
  ['hr=short', 'entry 1'],
  [`hr=${hr},`, 'entry 2'],
  [`hr=${hr},=${okta}`, 'entry 2'],
  [`hr=${hr} ${okta}`, 'entry 1'],
  [`hr=${hr},hr=${okta}`, 'a name twice'],
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
  expect(holderOf(tokens, header)).toBe(name);
  expect(holderOf([], header)).toBeNull();
});
