import type { BatchSize } from './batch-size.ts';
import { sumsOf } from './spans.ts';
import type { Span } from './spans.ts';
import { megabytes, table } from './tables.ts';

/** What the benchmark must keep to. */
const most = { ratio: 2.5, rssMb: 512, events: 2_000, bytes: 2_000_000, growth: 1.3 };

/** Every size in a line. */
export function batchTable(sizes: readonly BatchSize[]): string {
  const head = [
    'users',
    'users/s',
    'whole, s',
    'by hand, s',
    `ratio (at most ${most.ratio})`,
    `worker's memory (${most.rssMb} MB)`,
    'workflow runs',
    `most events (${most.events})`,
    'most bytes (2 MB)',
    'changes per user',
    `time per user (at most ${most.growth})`,
  ];
  return table(
    head,
    sizes.map((size) => [
      String(size.users),
      (size.users / (size.took / 1_000)).toFixed(0),
      seconds(size.took),
      seconds(size.hand),
      size.ratio.toFixed(2),
      megabytes(size.maxRssMb),
      String(size.last.histories.runs),
      String(size.last.histories.mostEvents),
      String(size.last.histories.mostBytes),
      (size.last.changes / size.users).toFixed(1),
      growth(size, sizes).toFixed(2),
    ]),
  );
}

/** The time per user, as a multiple of the first size's. */
function growth({ users, took }: BatchSize, [first]: readonly BatchSize[]): number {
  return first ? took / users / (first.took / first.users) : NaN;
}

/** Where the time goes, activity by activity. */
export function spanTable(spans: readonly Span[]): string {
  const rows = sumsOf(spans).map(({ name, calls, sum, mean, longest, meanWait, wall }) => [
    name,
    String(calls),
    seconds(sum),
    mean.toFixed(0),
    longest.toFixed(0),
    meanWait.toFixed(0),
    seconds(wall),
  ]);
  const head = ['activity', 'calls', 'sum, s', 'mean, ms', 'longest, ms', 'wait, ms', 'first to last, s'];
  return table(head, rows);
}

/** The limits that were missed, in words. */
export function missedLimits(sizes: readonly BatchSize[]): string[] {
  return sizes.flatMap((size) => {
    const { mostEvents, mostBytes } = size.last.histories;
    const checks: [string, number, number][] = [
      ['ratio to SQL by hand', size.ratio, most.ratio],
      ['memory of the worker in MB', size.maxRssMb, most.rssMb],
      ['events in a history', mostEvents, most.events],
      ['bytes of a history', mostBytes, most.bytes],
      [`time per user, as a multiple of that of ${sizes[0]?.users ?? 0}`, growth(size, sizes), most.growth],
    ];
    return checks
      .filter(([, value, limit]) => value > limit)
      .map(
        ([what, value, limit]) =>
          `${size.users} users: ${what} is ${value.toFixed(2)}, at most ${limit} wanted`,
      );
  });
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(milliseconds < 10_000 ? 2 : 1);
}
