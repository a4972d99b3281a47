import { workflowInfo } from '@temporalio/workflow';
import type { PlanLine } from '../activities/seal.ts';
import { textOf } from '../contracts/changes.ts';
import type { JsonObject } from '../contracts/changes.ts';
import type { OperationState } from '../contracts/operations.ts';
import type { Lifecycle } from './lifecycle.ts';
import { searchAttributes } from './search-attributes.ts';

/** What an operation is about: the summary that one started in the Temporal UI has nowhere else. */
export interface Subject {
  kind: string;
  user: string | undefined;
  requestedBy: string | undefined;
}

/** The page shows the text in a low frame and passes it on in a URL: what can be done comes first, lists are short. */
const shownLines = 10;
const shownCharacters = 240;

/** What the workflow's page in the Temporal UI says at this moment, as Markdown; ids only (X-10). */
export function currentDetails(life: Lifecycle, subject: Subject = thisWorkflow()): string {
  const parts = [heading(subject), situation(life), whatCanBeDone(life, subject), attentionList(life)];
  return [...parts, planTable(life), planLines(life)].filter((part) => part !== '').join('\n\n');
}

/** What the workflow that runs here is about. */
export function thisWorkflow(): Subject {
  const { workflowType, typedSearchAttributes } = workflowInfo();
  const user = typedSearchAttributes.get(searchAttributes.userId);
  return { kind: workflowType, user, requestedBy: typedSearchAttributes.get(searchAttributes.requestedBy) };
}

function heading({ kind, user, requestedBy }: Subject): string {
  const whom = user === undefined ? '' : `, user ${plain(user)}`;
  const who = requestedBy === undefined ? '' : `, asked for by user ${plain(requestedBy)}`;
  return `### ${kind}${whom}${who}`;
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
    failed: `**Failed**: ${short(`${failure?.type ?? ''}: ${failure?.message ?? ''}`)}. ${progress}`,
  };
  return texts[state] + drift;
}

function where({ step, chunks, chunksDone, usersDone, sealed, paused, usersPerSecond }: Lifecycle): string {
  const done = chunks > 1 ? `, ${chunksDone} of ${chunks} chunks done` : '';
  const users = sealed && chunks > 1 ? `, ${usersDone} users` : '';
  const pace = usersPerSecond === null ? '' : `, at most ${usersPerSecond} users a second`;
  return `step ${step}${done}${users}${pace}${paused ? ', pausing' : ''}`;
}

function whatCanBeDone(life: Lifecycle, { kind }: Subject): string {
  const { state, sealed, applied, operation } = life;
  if (state === 'waiting-for-approval') return approvalForms(sealed?.planHash ?? '');
  if (state === 'applying') return send('To stop after this chunk', 'cancelAfterChunk', 'to wait', 'pause');
  if (state === 'paused') return send('To go on', 'resume', 'to end it', 'cancelAfterChunk');
  if (state === 'needs-attention')
    return send('To try them again', 'retryAttention', 'to give them up', 'skipAttention');
  if (state === 'previewed') {
    const hash = ['```json', `"planHash": "${sealed?.planHash ?? ''}"`, '```'].join('\n');
    return `To apply exactly this plan: **Start Workflow Like This One**, in its input instead of \`mode\`\n${hash}`;
  }
  if (applied === 0 || kind === 'undoOperation') return '';
  if (kind === 'removeRegistrations') return 'What it has removed is gone for good: it cannot be taken back.';
  const input = json({ operation, requestedBy: yourself });
  return `To take it back: **Start Workflow**, type **undoOperation**, with\n${input}`;
}

function send(what: string, update: string, orWhat: string, other: string): string {
  return `${what}: **More Actions**, **Send an Update**, **${update}**; ${orWhat}: **${other}**.`;
}

function approvalForms(planHash: string): string {
  return [
    'To decide: **More Actions**, **Send an Update**. For **approve**:',
    json({ by: yourself, planHash }),
    'For **reject**, which ends it without a change:',
    json({ by: yourself, reason: '<why>' }),
  ].join('\n');
}

const yourself = '<your user id>';

/** Laid out as the forms of the UI lay it out: they move their buttons when they have to do it themselves. */
function json(value: JsonObject): string {
  return ['```json', JSON.stringify(value, null, 2), '```'].join('\n');
}

function planTable({ sealed }: Lifecycle): string {
  if (!sealed) return '';
  if (sealed.total === 0) return 'The plan is empty: nothing has to change.';
  const counts = Object.entries(sealed.counts).map(([kind, n]) => `| ${kind} | ${n} |`);
  return [
    `### The plan: ${changes(sealed.total)}`,
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

function changes(n: number): string {
  return n === 1 ? '1 change' : `${n} changes`;
}

function short(line: string): string {
  const start = line.slice(0, shownCharacters).replace(/[\uD800-\uDBFF]$/, '');
  return plain(start.length < line.length ? `${start}…` : line);
}

/** Ids are free text: what Markdown would read as its own is taken literally, and a line stays one line. */
function plain(words: string): string {
  return words.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_~[\]<>|#&]|-(?=-)/g, '\\$&');
}
