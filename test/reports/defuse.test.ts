import { stringify } from 'csv-stringify/sync';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { defuse, isDangerous } from '../../reports/defuse.ts';

/** What programs of this world take for the beginning of a formula. */
const formula = /^[\s\p{Cc}\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;

const nasty = fc.string({
  unit: fc.constantFrom(...Array.from('=+-@＝＋－＠\t\r\n ;,"\'a1\u200b\ufeff\u0000é')),
  maxLength: 12,
});

it.each([
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '＝1',
  '＋1',
  '－1',
  '＠x',
  ' =1',
  '\n=1',
  '\u200b=1',
])('P-04 %j is no formula any more', (text) => {
  expect(isDangerous(text)).toBe(true);
  expect(defuse(text)).toMatch(/^'/);
});

it.each(['', 'Ada', "O'Brien", '2026-03-01 00:00', 'a=b', 'ada@example.org', 'x - y', '12'])(
  'P-04 %j stays as it is',
  (text) => {
    expect(defuse(text)).toBe(text);
  },
);

it('P-04 no text is a formula when it is read again, with whatever separator', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(nasty, fc.string({ unit: 'binary' })), { minLength: 1 }), (row) => {
      const text = stringify([row.map(defuse)]);
      const [read] = parse(text, { relaxColumnCount: true });
      for (const cell of read ?? []) expect(cell).not.toMatch(formula);
      for (const separator of [/;/, /\t/, /\r|\n/]) {
        for (const part of row.map(defuse).join('\n').split(separator))
          expect(part).not.toMatch(/^[=+\-@＝＋－＠]/);
      }
    }),
    { numRuns: 500 },
  );
});

it('P-04 what was written is still there', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      expect(defuse(text).replaceAll("'", '')).toBe(text.replaceAll("'", ''));
    }),
  );
});
