import { loadavg } from 'node:os';
import type { Comparison } from './compare-chunks.ts';
import type { ThroughTemporal } from './through-temporal.ts';

/** Deleting a chunk beside the hand-written script, and where the time goes. */
export function chunkTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ users, activities, hand, ratio, parts }) => [
    String(users),
    milliseconds(activities),
    milliseconds(hand),
    ratio.toFixed(2),
    [...parts].map(([name, took]) => `${name} ${took.toFixed(0)}`).join(', '),
  ]);
  return table(
    [
      'users in the chunk',
      'our activities',
      'SQL by hand',
      'ratio (goal 1.5, at most 2.5)',
      'ours by step, ms',
    ],
    rows,
  );
}

/** A single deletion beside an empty workflow, and the worker's memory. */
export function temporalTable(measured: ThroughTemporal, chunk: number): string {
  const { deleteUser, empty, ratio, rssOfSinglesMb, rssOfChunkMb } = measured;
  return table(
    ['through Temporal', 'measured', 'goal'],
    [
      ['deleteUser of one user', milliseconds(deleteUser), ''],
      ['an empty workflow of as many activities', milliseconds(empty), ''],
      ['ratio', ratio.toFixed(2), 'at most 2'],
      ['worker memory (peak RSS), single users', megabytes(rssOfSinglesMb), 'below 400 MB'],
      [`worker memory (peak RSS), a chunk of ${chunk}`, megabytes(rssOfChunkMb), 'below 400 MB'],
    ],
  );
}

export function milliseconds(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}

export function megabytes(value: number): string {
  return `${value.toFixed(0)} MB`;
}

/** A Markdown table whose columns line up in a terminal too. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return ['', line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line), ''].join('\n');
}

/** What else the machine did at the end: times are of little worth on a busy one. */
export function loadLine(): string {
  return `load average: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}`;
}
