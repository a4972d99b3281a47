import type { WorkflowHandle } from '@temporalio/client';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/** Something that took time, by the clock of the Temporal server, in milliseconds. */
export interface Span {
  /** An activity's name, or `a chunk's workflow`. */
  name: string;
  scheduledAt: number;
  startedAt: number;
  endedAt: number;
}

export const chunkSpan = `a chunk's workflow`;

/** The activities and child workflows of one history that have ended. */
export function spansOf(events: readonly HistoryEvent[]): Span[] {
  const open = new Map<string, Span>();
  const ended: Span[] = [];
  const end = (begunBy: unknown, event: HistoryEvent): void => {
    const span = open.get(String(begunBy));
    if (span) ended.push({ ...span, endedAt: millisecondsOf(event) });
  };
  for (const event of events) {
    const begun = beginning(event);
    if (begun !== null) open.set(String(event.eventId), begun);
    const started =
      event.activityTaskStartedEventAttributes?.scheduledEventId ??
      event.childWorkflowExecutionStartedEventAttributes?.initiatedEventId;
    const span = open.get(String(started));
    if (span) span.startedAt = millisecondsOf(event);
    end(event.activityTaskCompletedEventAttributes?.scheduledEventId, event);
    end(event.childWorkflowExecutionCompletedEventAttributes?.initiatedEventId, event);
  }
  return ended;
}

function beginning(event: HistoryEvent): Span | null {
  const at = millisecondsOf(event);
  const times = { scheduledAt: at, startedAt: at, endedAt: at };
  const activity = event.activityTaskScheduledEventAttributes?.activityType?.name;
  if (activity) return { name: activity, ...times };
  return event.startChildWorkflowExecutionInitiatedEventAttributes ? { name: chunkSpan, ...times } : null;
}

function millisecondsOf({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1e6;
}

/** All spans of one name together. */
export interface SpanSum {
  name: string;
  calls: number;
  /** The sum of their own times, which lie side by side in part. */
  sum: number;
  mean: number;
  longest: number;
  /** How long one waits for a worker to take it up. */
  meanWait: number;
  /** From the first one's beginning to the last one's end. */
  wall: number;
}

/** The sums by name, in the order in which they first begin. */
export function sumsOf(spans: readonly Span[]): SpanSum[] {
  const ordered = [...spans].sort((a, b) => a.scheduledAt - b.scheduledAt);
  const names = [...new Set(ordered.map((span) => span.name))];
  return names.map((name) => {
    const own = ordered.filter((span) => span.name === name);
    const took = own.map((span) => span.endedAt - span.startedAt);
    const sum = total(took);
    return {
      name,
      calls: own.length,
      sum,
      mean: sum / own.length,
      longest: Math.max(...took),
      meanWait: total(own.map((span) => span.startedAt - span.scheduledAt)) / own.length,
      wall: Math.max(...own.map((span) => span.endedAt)) - Math.min(...own.map((span) => span.scheduledAt)),
    };
  });
}

/** What is not the work on the users itself: what comes before and after it, and the workflow that a chunk's activities lie in. */
const around: ReadonlySet<string> = new Set(['open', 'findTargets', 'seal', 'close', chunkSpan]);

/** How long somebody worked on the users, from judging to verifying: time in which several did so counts once. */
export function workTime(spans: readonly Span[]): number {
  let until = 0;
  let worked = 0;
  const inOrder = spans.filter(({ name }) => !around.has(name)).sort((a, b) => a.startedAt - b.startedAt);
  for (const { startedAt, endedAt } of inOrder) {
    worked += Math.max(0, endedAt - Math.max(startedAt, until));
    until = Math.max(until, endedAt);
  }
  return worked;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
