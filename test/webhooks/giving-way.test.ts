import { expect, it } from 'vitest';
import { givingWay } from '../../webhooks/giving-way.ts';

it('HTTP what is dispatched side by side is halved while taking deliveries in is slow, and grows again while it is quick', () => {
  const way = givingWay(20);
  let now = 0;
  const after = (ms: number): number => {
    now += ms;
    way.accepted(now - ms, now);
    return way.share(now).size;
  };
  expect(way.share(now).size).toBe(20);
  expect([after(200), after(200), after(200), after(200), after(200)]).toEqual([10, 5, 2, 1, 1]);
  expect([after(1), after(1), after(200)]).toEqual([2, 3, 1]);
  // A stall, in which nothing can be taken in, is no quiet.
  expect(way.share(now + 400).size).toBeLessThan(3);
  expect(way.share(now + 501).size).toBe(20);
});

it('HTTP dispatching never ends however slow it is: one delivery at a time, with a rest after it', () => {
  const way = givingWay(20);
  for (let now = 0; now < 100; now++) {
    way.accepted(now - 60_000, now);
    expect(way.share(now).size).toBeGreaterThanOrEqual(1);
  }
  way.accepted(0, 100);
  expect(way.share(100)).toEqual({ size: 1, restMs: 50 });
});
