import type { BatchRun } from './batch-workflow.ts';
import { median } from './statistics.ts';
import { megabytes, table } from './tables.ts';

/** What Moodle's own loop deletes a second, of users with five courses, on two cores. */
const moodlesOwn = 15;
const least = 40 * moodlesOwn;
const mostRssMb = 512;

type SiteRun = BatchRun & { images: number };

function usersPerSecond(users: number, runs: readonly SiteRun[]): number {
  return users / (median(runs.map((run) => run.took)) / 1_000);
}

/** The middle of the rounds; memory and histories are the largest. */
export function siteTable(users: number, runs: readonly SiteRun[]): string {
  const rate = usersPerSecond(users, runs);
  const most = (of: (run: SiteRun) => number): number => Math.max(...runs.map(of));
  return table(
    [`deleting ${users} users of a Moodle site`, 'measured', 'wanted'],
    [
      ['users/s, through the workflow', rate.toFixed(0), `at least ${least}`],
      [`times Moodle's own loop (${moodlesOwn} users/s)`, (rate / moodlesOwn).toFixed(1), 'at least 40'],
      ['every round, users/s', runs.map((run) => (users / (run.took / 1_000)).toFixed(0)).join(', '), ''],
      ['changes per user', (most((run) => run.changes) / users).toFixed(1), ''],
      ['rows kept for undo per user', most((run) => run.images).toFixed(1), ''],
      ["worker's memory (peak RSS)", megabytes(most((run) => run.maxRssMb)), `at most ${mostRssMb} MB`],
      ['events of the largest history', String(most((run) => run.histories.mostEvents)), 'at most 2000'],
      ['bytes of the largest history', String(most((run) => run.histories.mostBytes)), 'at most 2 MB'],
    ],
  );
}

export function missedSiteLimits(users: number, runs: readonly SiteRun[]): string[] {
  const rate = usersPerSecond(users, runs);
  const rss = Math.max(...runs.map((run) => run.maxRssMb));
  return [
    ...(rate < least ? [`${rate.toFixed(0)} users a second, at least ${least} wanted`] : []),
    ...(rss > mostRssMb ? [`the worker took ${megabytes(rss)}, at most ${mostRssMb} MB wanted`] : []),
  ];
}
