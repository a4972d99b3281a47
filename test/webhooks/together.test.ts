import { describe, expect, it } from 'vitest';
import { together } from '../../webhooks/together.ts';

describe('items that come together', () => {
  it('HTTP are written together while others are being written, at most so many at once', async () => {
    const writes: number[][] = [];
    const write = together<number>(async (items) => {
      writes.push(items);
      await new Promise((done) => setTimeout(done, 5));
    }, 10);
    await Promise.all(Array.from({ length: 40 }, (_, i) => write(i)));
    expect(writes.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(Math.max(...writes.map(({ length }) => length))).toBe(10);
    expect(writes[0]).toEqual([0]);
  });

  it('HTTP fail each for itself: what cannot be written with the others is written alone', async () => {
    const written: number[] = [];
    const write = together<number>((items) => {
      if (items.includes(13)) return Promise.reject(new Error('thirteen'));
      written.push(...items);
      return Promise.resolve();
    }, 100);
    const ends = await Promise.allSettled(Array.from({ length: 20 }, (_, i) => write(i)));
    expect(ends.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([13]);
    expect(written).toHaveLength(19);
  });
});
