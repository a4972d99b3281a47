import type { BatchSize } from './batch-size.ts';
import type { BatchRun } from './batch-workflow.ts';
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
    'each round',
    'whole, s',
    'by hand, s',
    'ratio of the whole',
    `of the work, as in bench:delete (at most ${most.ratio})`,
    `worker's memory (${most.rssMb} MB)`,
    'workflow runs',
    `most events (${most.events})`,
    'most bytes (2 MB)',
    'changes per user',
    `time per user (at most ${most.growth})`,
  ];
  return table(
    head,
    sizes.map((size) => lineOf(size, sizes)),
  );
}

function lineOf(size: BatchSize, sizes: readonly BatchSize[]): string[] {
  const { users, took, hand, ratio, workRatio, maxRssMb, runs } = size;
  const perSecond = (time: number): string => (users / (time / 1_000)).toFixed(0);
  return [
    String(users),
    perSecond(took),
    runs.map((run) => perSecond(run.took)).join(' '),
    seconds(took),
    seconds(hand),
    ratio.toFixed(2),
    workRatio.toFixed(2),
    megabytes(maxRssMb),
    String(highest(size, ({ histories }) => histories.runs)),
    String(highest(size, ({ histories }) => histories.mostEvents)),
    String(highest(size, ({ histories }) => histories.mostBytes)),
    highest(size, ({ changes }) => changes / users).toFixed(1),
    growth(size, sizes).toFixed(2),
  ];
}

function highest({ runs }: BatchSize, of: (run: BatchRun) => number): number {
  return Math.max(...runs.map(of));
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
    const checks: [string, number, number][] = [
      ['ratio of the work to SQL by hand', size.workRatio, most.ratio],
      ['memory of the worker in MB', size.maxRssMb, most.rssMb],
      ['events in a history', highest(size, ({ histories }) => histories.mostEvents), most.events],
      ['bytes of a history', highest(size, ({ histories }) => histories.mostBytes), most.bytes],
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
