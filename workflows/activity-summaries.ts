import type { Activities } from '../activities/create-activities.ts';
import { asSummary } from '../contracts/summaries.ts';
import type { Step } from '../contracts/changes.ts';

type Name = keyof Activities;
type Input<N extends Name> = Parameters<Activities[N]>[0];
type Summaries = { readonly [N in Exclude<Name, Step>]: (input: Input<N>) => string };

const chunkOf = (chunk: number): string =>
  chunk === 0 ? 'what is changed beside the users' : `chunk ${chunk}`;

/** What each activity is about, as the Temporal UI tells it beside the activity's name; ids only. */
const summaries: Summaries = {
  open: ({ kind }) => `reads the input of ${kind}, and finds its first users`,
  findTargets: ({ after }) => `finds the users after line ${after}`,
  findLatecomers: () => 'finds who came meanwhile',
  judge: ({ chunk }) => `judges ${chunkOf(chunk)}`,
  plan: ({ chunk }) => `plans ${chunkOf(chunk)}`,
  seal: () => 'adds up the plan and looks at its limits',
  mayDecide: ({ by }) => `whether user ${by} may decide`,
  approve: ({ by }) => `user ${by} approves the plan`,
  begin: ({ chunk }) => `begins ${chunkOf(chunk)}`,
  verify: ({ chunk, round }) => `looks what is left of ${chunkOf(chunk)}, round ${round - 1}`,
  listAttention: () => 'lists whom the host refused to change',
  retryAttention: () => 'lets them be tried again',
  skipAttention: () => 'gives them up',
  refreshHost: () => "empties the host's caches",
  openReport: () => 'reads the input, and looks whether the report can be mailed',
  writeReport: () => 'writes the file',
  discardReport: () => 'removes the file',
  mailReport: ({ report }) => `mails the link to ${report.file}`,
  listRecipients: () => 'looks who is to be told',
  tell: ({ recipient }) => `tells ${recipient}`,
  close: ({ state }) => `ends it as ${state}`,
};

/** One line for an activity; a step has its own name, and its chunk here. */
export function summaryOf(name: Name, input: unknown): string {
  const own = (summaries as Readonly<Partial<Record<string, (input: unknown) => string>>>)[name];
  return asSummary(own ? own(input) : `applies ${chunkOf((input as { chunk: number }).chunk)}`);
}
