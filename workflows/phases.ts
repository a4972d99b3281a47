import { condition } from '@temporalio/workflow';
import type { OperationState } from '../contracts/operations.ts';
import { activities } from './activity-options.ts';
import { applyInChild, applyHere } from './apply-chunk.ts';
import { approval } from './approval.ts';
import { allChunks, eachChunk, userChunks } from './each-chunk.ts';
import { phases } from './lifecycle.ts';
import type { ChunkOutcome, ChunkQueue, Phase } from './lifecycle.ts';
import { enter, show } from './publish-state.ts';
import type { Run } from './run.ts';
import { tellPeople } from './tell-people.ts';

/** Goes through the phases from where the run before stopped; how the operation ends. */
export async function workThrough(run: Run): Promise<OperationState> {
  const first = phases.indexOf(run.from?.phase ?? 'find');
  for (const phase of phases.slice(first)) {
    const end = await work[phase](run);
    if (end !== null) return end;
    run.from = null;
  }
  return 'done';
}

/** What is done in each phase; the state in which the operation ends there, or null to go on. */
const work: Readonly<Record<Phase, (run: Run) => Promise<OperationState | null>>> = {
  find,
  judge,
  plan: (run) => decide(run, 'plan'),
  seal,
  frame: (run) => applyFrame(run, 'first'),
  apply,
  latecomers,
  attend,
  finish: (run) => applyFrame(run, 'last'),
};

/** Looks up all lines; the first of them have been found on opening. */
async function find({ life, opened }: Run): Promise<OperationState | null> {
  const { operation } = life;
  while (opened.found.next !== null && !life.cancelRequested) {
    show(life, 'find');
    opened.found = await activities.findTargets({ operation, after: opened.found.next });
  }
  life.chunks = opened.found.chunks;
  return life.cancelRequested ? 'cancelled' : null;
}

/** All chunks are judged before the first is planned, because successors are chosen against all of them (D-13). */
async function judge(run: Run): Promise<OperationState | null> {
  const { judges, found } = run.opened;
  return judges && found.chunks > 1 ? decide(run, 'judge') : null;
}

async function decide(run: Run, phase: 'judge' | 'plan'): Promise<OperationState | null> {
  const { operation } = run.life;
  const queue = phase === 'judge' ? userChunks(run) : allChunks(run);
  const complete = await eachChunk(run, phase, queue, async (chunk) => {
    show(run.life, phase);
    await activities[phase]({ operation, chunk });
    run.life.chunksDone += 1;
  });
  run.life.chunksDone = 0;
  return complete ? null : 'cancelled';
}

async function seal({ life, opened }: Run): Promise<OperationState | null> {
  show(life, 'seal');
  life.seal(await activities.seal({ operation: life.operation }));
  show(life, 'seal');
  if (opened.mode === 'preview') return 'previewed';
  if (life.state === 'waiting-for-approval') await approval(life, opened);
  if (life.cancelRequested) return 'cancelled';
  enter(life, 'applying');
  return null;
}

/** What the operation changes beside its users comes before all of them, or after them: never at the same time. */
async function applyFrame(run: Run, when: 'first' | 'last'): Promise<OperationState | null> {
  if (run.opened.found.frame !== when) return null;
  const { life } = run;
  const complete = await eachChunk(
    run,
    when === 'first' ? 'frame' : 'finish',
    { chunks: [0] },
    async (chunk) => {
      const outcome = await applyHere(life, { operation: life.operation, chunk });
      life.count(chunk, outcome, Date.now());
    },
  );
  return complete ? null : 'cancelled';
}

async function apply(run: Run): Promise<OperationState | null> {
  return (await applyAll(run, 'apply', userChunks(run))) ? null : 'cancelled';
}

/** Who came while the plan waited or was applied is planned and changed like the others, where that is about everybody. */
async function latecomers(run: Run): Promise<OperationState | null> {
  const { life, opened } = run;
  if (opened.found.frame === 'none') return null;
  const { operation } = life;
  const next = opened.found.chunks + 1;
  if (run.from === null) {
    opened.found.chunks = await activities.findLatecomers({ operation, chunks: opened.found.chunks });
    life.chunks = opened.found.chunks;
  }
  const complete = await applyAll(run, 'latecomers', { next, last: opened.found.chunks });
  return complete ? null : 'cancelled';
}

async function applyAll(
  run: Run,
  phase: 'apply' | 'latecomers' | 'attend',
  queue: ChunkQueue,
): Promise<boolean> {
  const { life } = run;
  // A chunk that is all there is needs no workflow of its own.
  const one = run.opened.found.chunks === 1;
  return eachChunk(run, phase, queue, async (chunk) => {
    const ref = { operation: life.operation, chunk };
    if (phase === 'latecomers') await activities.plan(ref);
    const outcome: ChunkOutcome = one ? await applyHere(life, ref) : await applyInChild(life, ref);
    life.count(chunk, outcome, Date.now());
    show(life, life.step);
  });
}

const refused = 'the host refused to change some users';

/** Waits for what is to become of the users whom the host refused to change. */
async function attend(run: Run): Promise<OperationState | null> {
  const { life } = run;
  const { operation } = life;
  let again = run.from !== null;
  for (;;) {
    if (again && !(await applyAll(run, 'attend', { chunks: life.takeIsolated() }))) return 'cancelled';
    if (life.isolated.length === 0) return null;
    life.attention = await activities.listAttention({ operation });
    enter(life, 'needs-attention');
    if (run.opened.notifies) await tellPeople(life, 'operation.attention_needed', refused);
    await condition(() => life.remedy !== null || life.cancelRequested);
    const retry = life.remedy === 'retry' && !life.cancelRequested;
    life.remedy = null;
    enter(life, 'applying');
    if (!retry) {
      await activities.skipAttention({ operation });
      return life.cancelRequested ? 'cancelled' : null;
    }
    await activities.retryAttention({ operation });
    again = true;
  }
}
