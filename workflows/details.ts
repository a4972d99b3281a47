import { workflowInfo } from '@temporalio/workflow';
import type { PlanLine } from '../activities/seal.ts';
import { textOf } from '../contracts/changes.ts';
import { systemActor } from '../contracts/ids.ts';
import type { OperationState } from '../contracts/operations.ts';
import type { Failure, Lifecycle } from './lifecycle.ts';
import { count, paragraphs, plain, short } from './markdown.ts';
import { offers } from './offers.ts';
import { searchAttributes } from './search-attributes.ts';

/** What an operation is about: the summary that one started in the Temporal UI has nowhere else. */
export interface Subject {
  kind: string;
  user: string | undefined;
  requestedBy: string | undefined;
}

/** The page shows the text in a low frame and passes it on in a URL: what can be done comes first, lists are short. */
const shownLines = 10;

/** A failure is what whoever opens the page looks for. */
const shownOfFailure = 1_000;

/** What the workflow's page in the Temporal UI says at this moment, as Markdown; ids only (X-10). */
export function currentDetails(life: Lifecycle, subject: Subject = thisWorkflow()): string {
  const now = paragraphs(heading(subject), situation(life), strayed(life), offers(life, subject.kind));
  return paragraphs(now, attentionList(life), planTable(life), planLines(life));
}

/** What the workflow that runs here is about. */
export function thisWorkflow(): Subject {
  const { workflowType, typedSearchAttributes } = workflowInfo();
  const user = typedSearchAttributes.get(searchAttributes.userId);
  return { kind: workflowType, user, requestedBy: typedSearchAttributes.get(searchAttributes.requestedBy) };
}

/** What it is about and who asked for it. */
export function heading({ kind, user, requestedBy }: Subject): string {
  const whom = user === undefined ? '' : `, user ${plain(user)}`;
  const asker = requestedBy === systemActor ? 'the system' : `user ${plain(requestedBy ?? '')}`;
  return `### ${kind}${whom}${requestedBy === undefined ? '' : `, asked for by ${asker}`}`;
}

function situation(life: Lifecycle): string {
  const { state, sealed, applied, conflicts, decision, failure } = life;
  const progress = sealed ? `${applied} of ${sealed.total} changes applied.` : 'Nothing has changed.';
  const drift = conflicts > 0 ? ` ${conflicts} met somebody else's change and were left alone.` : '';
  const rejection =
    typeof decision === 'object' ? short(decision?.message.replace(/^rejected/, '') ?? '') : '';
  const texts: Record<OperationState, string> = {
    planning: `**Planning** (${where(life)}). Nothing has changed yet.`,
    'waiting-for-approval': `**Waiting for approval**: ${sealed?.approvalBecause ?? ''}. Nothing has changed yet.`,
    applying: `**Applying** (${where(life)}). ${progress}`,
    paused: `**Paused** between chunks. ${progress}`,
    'needs-attention': `**Needs attention**: the host refused to change some users, see below. ${progress}`,
    previewed: '**Previewed**. Nothing has changed.',
    done: `**Done**. ${progress}`,
    rejected: `**Rejected**${rejection}. Nothing has changed.`,
    expired: '**Expired**: nobody approved it in time. Nothing has changed.',
    cancelled: `**Cancelled**. ${progress}`,
    failed: `${failed(failure)} ${progress}`,
  };
  return texts[state] + drift;
}

/** An operation that failed; the example that ends a refusal of its input is offered apart, ready to copy. */
export function failed(failure: Failure | null): string {
  const [problems = ''] = failure?.message.split('. For example: ') ?? [];
  return `**Failed**: ${short(`${failure?.type ?? ''}: ${problems}`, shownOfFailure)}.`;
}

function where(life: Lifecycle): string {
  const { step, chunks, chunksDone, usersDone, sealed, paused, usersPerSecond, cancelRequested } = life;
  const many = chunks > 1;
  const parts = [
    `step ${step}`,
    many ? `${chunksDone} of ${chunks} chunks done` : '',
    many && sealed ? count(usersDone, 'user') : '',
    many ? speed(life) : '',
    usersPerSecond === null ? '' : `at most ${usersPerSecond} users a second`,
    cancelRequested ? 'ending' : paused ? 'pausing' : '',
  ];
  return parts.filter((part) => part !== '').join(', ');
}

/** How fast it goes, and until when: that stays true while nothing new is said. */
function speed({ rate, chunks, chunksDone, sealed, usersDone, usersPerSecond: pace }: Lifecycle): string {
  const { usersPerSecond } = rate;
  const paceMs = pace === null ? 0 : (((sealed?.users ?? 0) - usersDone) * 1000) / pace;
  const forecast = rate.forecast(chunks - chunksDone, paceMs);
  if (usersPerSecond === null || forecast === null) return '';
  const until = `${new Date(forecast.untilMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const now = usersPerSecond < 10 ? usersPerSecond.toFixed(1) : String(Math.round(usersPerSecond));
  return `${now} users a second, about ${duration(forecast.leftMs)} left (until ${until})`;
}

function duration(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} hours`;
}

function strayed({ strayed: name }: Lifecycle): string {
  return name === null
    ? ''
    : `The signal ${short(name)} was not heard: signals do nothing here. **Send an Update** instead.`;
}

function planTable({ sealed }: Lifecycle): string {
  if (!sealed) return '';
  if (sealed.total === 0) return 'The plan is empty: nothing has to change.';
  const counts = Object.entries(sealed.counts).map(([kind, n]) => `| ${kind} | ${n} |`);
  return [
    `### The plan: ${count(sealed.total, 'change')}`,
    '',
    '| change | how many |',
    '| :--- | ---: |',
    ...counts,
  ].join('\n');
}

function planLines({ sealed, operation }: Lifecycle): string {
  if (!sealed || sealed.total === 0) return '';
  const lines = sealed.lines.slice(0, shownLines).map((line) => `- ${short(whatChanges(line))}`);
  const rest = sealed.total - lines.length;
  if (rest <= 0) return lines.join('\n');
  const next = JSON.stringify({ offset: lines.length, limit: 100 });
  const more = `- and ${rest} more: query **plan** with \`${next}\`, or \`ops show ${operation} --changes\``;
  return [...lines, more].join('\n');
}

function whatChanges({ kind, user, item, before, after, rule, because }: PlanLine): string {
  const what =
    'type' in item
      ? [`${textOf(item, 'type')} ${textOf(item, 'id')}`]
      : Object.keys(item).map((name) => `${name} ${textOf(item, name)}`);
  const transferred = kind === 'ownership.transfer';
  const who = transferred
    ? `from user ${textOf(before, 'main')} to ${textOf(after, 'main')}`
    : `user ${user}`;
  return `${kind}: ${[...what, who].join(', ')} (${rule}, ${because})`;
}

function attentionList({ attention }: Lifecycle): string {
  if (attention.length === 0) return '';
  const lines = attention
    .slice(0, shownLines)
    .map(
      ({ line, user, type, message }) =>
        `- ${short(`line ${line}, user ${user ?? '?'}: ${type}, ${message}`)}`,
    );
  const rest = attention.length - lines.length;
  const more = rest > 0 ? [`- and ${rest} more: query **attention**`] : [];
  return ['### Needs attention', '', ...lines, ...more].join('\n');
}
