import type { OperationState } from '../contracts/operations.ts';
import type { WrittenReport } from '../contracts/reports.ts';
import { failed, heading, thisWorkflow } from './details.ts';
import type { Subject } from './details.ts';
import type { Lifecycle } from './lifecycle.ts';
import { paragraphs, short } from './markdown.ts';
import { correction } from './offers.ts';

/** What the page of a report says at this moment, as Markdown; ids only. */
export function reportDetails(
  life: Lifecycle,
  written: WrittenReport | null,
  subject: Subject = thisWorkflow(),
): string {
  return paragraphs(heading(subject), situation(life, written), whatCanBeDone(life));
}

function situation({ state, step, failure }: Lifecycle, written: WrittenReport | null): string {
  const texts: Readonly<Partial<Record<OperationState, string>>> = {
    planning: '**Looking** whether it can be written and mailed.',
    applying:
      step === 'mailReport' ? `${file(written)} **Mailing** the link to it.` : '**Writing** the report.',
    previewed: '**Previewed**: it could be written and mailed. Nothing was.',
    done: `**Done**. ${file(written)} The link to it was mailed.`,
    cancelled: '**Cancelled**. Nobody has a link to it.',
    failed: `${failed(failure)} Nobody has a link to it.`,
  };
  return `${texts[state] ?? ''} A report changes nothing.`;
}

function file(written: WrittenReport | null): string {
  if (written === null) return '';
  const { file: name, users, size, expiresAt } = written;
  const until = expiresAt.slice(0, 16).replace('T', ' ');
  return `The file ${short(name)} has ${users} users in ${size} bytes, and is kept until ${until} UTC.`;
}

function whatCanBeDone({ state, failure, cancelRequested }: Lifecycle): string {
  if (failure?.type === 'InvalidInput') return correction('runReport');
  if (state !== 'applying' || cancelRequested) return '';
  return '**More Actions**, **Send an Update**:\n\n- **cancelAfterChunk**: stops it; without data';
}
