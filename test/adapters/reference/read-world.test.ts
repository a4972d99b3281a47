import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readWorld } from '../../../adapters/reference/read-world.ts';

/** Cuts bytes into pieces of these lengths, over and over, in the middle of anything. */
async function* cut(text: string, lengths: number[]): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const length = 1 + (lengths[i % lengths.length] ?? 0);
    yield await Promise.resolve(bytes.subarray(at, at + length));
    at += length;
  }
}

const list = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 8 });
const document = fc.dictionary(fc.string({ maxLength: 4, unit: 'binary' }), fc.oneof(fc.jsonValue(), list));
const lengths = fc.array(fc.nat({ max: 20 }), { minLength: 1 });

describe('JSON text that is read in pieces', () => {
  test('gives what JSON.parse gives, wherever it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(document, fc.jsonValue()),
        lengths,
        fc.nat({ max: 2 }),
        async (value, cuts, indent) => {
          const text = JSON.stringify(value, null, indent);
          expect(await readWorld(cut(text, cuts))).toEqual(JSON.parse(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is refused exactly when JSON.parse refuses it', async () => {
    const splinter = fc.constantFrom('', ',', ']', '[', '}', '{', '"', ':', ' ', '1', '\\', 'x', '[]', '{}');
    await fc.assert(
      fc.asyncProperty(
        document,
        fc.nat(),
        splinter,
        fc.nat({ max: 1 }),
        lengths,
        async (value, at, by, skip, cuts) => {
          const whole = JSON.stringify(value);
          const place = at % (whole.length + 1);
          const text = (whole.slice(0, place) + by + whole.slice(place + skip)).replace(
            /\p{Surrogate}/gu,
            '?',
          );
          const [expected, actual] = [
            await outcome(() => JSON.parse(text)),
            await outcome(() => readWorld(cut(text, cuts))),
          ];
          if (actual !== 'doubled') expect(actual).toEqual(expected);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('says where it is broken', async () => {
    const broken = readWorld(cut('{"users": [{"id": 1}, {"id" 2}], "groups": []}', [200]));
    await expect(broken).rejects.toThrow('not JSON in $.users');
    await expect(readWorld(cut('{"users": [], "users": []}', [3]))).rejects.toThrow(
      '$.users stands there twice',
    );
    await expect(readWorld(cut('{"users": [1', [3]))).rejects.toThrow('ends too early');
  });

  test('is refused when it is not UTF-8', async () => {
    const bytes = (async function* () {
      yield await Promise.resolve(Uint8Array.of(0x22, 0xff, 0x22));
    })();
    await expect(readWorld(bytes)).rejects.toThrow(TypeError);
  });
});

/** What reading comes to: a value, or how it was refused. */
async function outcome(read: () => unknown): Promise<unknown> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return error.message.endsWith('twice') ? 'doubled' : 'refused';
  }
}
