import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareIds } from '../../contracts/ids.ts';
import { instantText } from '../../rules/instant.ts';

it.each([
  [0, '1970-01-01T00:00:00Z'],
  [1_500_000, '1970-01-01T00:00:01.5Z'],
  [1, '1970-01-01T00:00:00.000001Z'],
  [-1, '1969-12-31T23:59:59.999999Z'],
])('%i microseconds read %s', (micros, text) => {
  expect(instantText(micros)).toBe(text);
});

it('ids are ordered by code point, whatever they are made of', () => {
  const id = fc.string({ unit: 'binary', minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(id, id, (a, b) => {
      const byBytes = Buffer.compare(Buffer.from(a, 'utf8'), Buffer.from(b, 'utf8'));
      expect(Math.sign(compareIds(a, b))).toBe(byBytes);
    }),
    { numRuns: 2_000 },
  );
});
