import { describe, expect, it } from 'vitest';
import { ChunkPlaces } from '../../activities/chunk-places.ts';

const empty = { chunk: 1, lines: 0 };

function chunksOf(places: ChunkPlaces, lines: readonly (readonly [string, string | null])[]): number[] {
  return lines.map(([user, activity]) => places.chunkFor(user, activity));
}

describe('the chunk of a line', () => {
  it('D-18 a chunk that is full is followed by the next; D-17 what is named again has none', () => {
    const lines = ['a', 'b', 'a', 'c', 'd', 'e', 'b'].map((user) => [user, null] as const);
    expect(chunksOf(new ChunkPlaces(2, empty, []), lines)).toEqual([1, 1, 0, 2, 2, 3, 0]);
  });

  it('D-18 R-02 all lines of a user are in one chunk, however far apart', () => {
    const lines = [
      ['a', 'c-1'],
      ['b', 'c-1'],
      ['c', 'c-1'],
      ['a', 'c-2'],
      ['c', 'c-2'],
      ['c', 'c-3'],
      ['d', 'c-1'],
      ['a', 'c-1'],
    ] as const;
    expect(chunksOf(new ChunkPlaces(2, empty, []), lines)).toEqual([1, 1, 2, 1, 2, 2, 3, 0]);
  });

  it('D-18 goes on where the lines before have ended', () => {
    const before = [
      { user: 'a', activity: 'c-1', chunk: 1 },
      { user: 'b', activity: 'c-1', chunk: 0 },
    ];
    const places = new ChunkPlaces(2, { chunk: 3, lines: 1 }, before);
    const lines = [
      ['a', 'c-1'],
      ['a', 'c-2'],
      ['b', 'c-2'],
      ['x', 'c-1'],
    ] as const;
    expect(chunksOf(places, lines)).toEqual([0, 1, 3, 4]);
  });
});
