import { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import { fullLifeCounts } from '../scenarios/full-life.ts';
import { admin } from '../support/world-builder.ts';
import { openAdas, outcome } from './support/adas.ts';
import type { Adas } from './support/adas.ts';
import { lifeOf } from './support/cohorts.ts';
import { eventually } from './support/eventually.ts';
import { gatesAt } from './support/gates.ts';
import { reset } from './support/reset.ts';
import type { Handle } from './support/site.ts';
import { stopAt } from './support/stop-at.ts';
import { untilWaiting } from './support/until.ts';

/** Amid what an operation is stopped: in each of these it has written something and not committed it. */
const amidChanges = ['transferOwnership', 'leaveSlots', 'leaveSessions', 'leaveGroups', 'retireAccounts'];
const beforeChanges = ['claim', 'judge', 'plan', 'seal'];
const everywhere = gatesAt([...beforeChanges, ...amidChanges], ['within']);
/** Where another operation waits for what has been written; amid its plan, see given-up.test.ts. */
const gates = gatesAt(['claim', 'seal', ...amidChanges], ['within']);

let adas: Adas;
beforeAll(async () => {
  adas = await openAdas(1 + everywhere.length);
});
beforeEach(() => adas.restore());
afterAll(() => adas.close());

async function undone(handles: readonly Handle[]): Promise<void> {
  await Promise.all(handles.map(async (handle) => outcome(await adas.undo(handle.firstExecutionRunId))));
}

describe('an operation whose workflow is terminated', () => {
  it('X-11 while it waits for approval, does not hold its user any more', async () => {
    const [life = ''] = adas.lives.names;
    const first = await adas.remove(life, { approval: 'required' });
    await untilWaiting(first);
    await first.terminate('by hand');
    const second = await adas.remove(life);
    expect(await outcome(second)).toBe(1);
    expect(await adas.applied(first.firstExecutionRunId)).toEqual([]);
    expect(await adas.unsettled([first, second])).toEqual([]);
    await undone([second]);
    expect(await adas.site.dump()).toEqual(adas.before);
  });

  it('X-11 amid any change, is followed by the next when that has ended, and they never interleave', async () => {
    const { closed, model, stopped } = await stopAt(adas, gates);
    await Promise.all(stopped.map((handle) => handle.terminate('by hand')));
    const next = await Promise.all(
      adas.lives.names.slice(1, 1 + stopped.length).map((life) => adas.remove(life)),
    );
    await closed.crowded();
    await closed.open();
    await expectTogether(stopped, next);
    expect(await adas.unsettled([...stopped, ...next])).toEqual([]);

    // What the two have done can be taken back, from the last to the first.
    await undone([model, ...next]);
    await undone(stopped);
    expect(await adas.site.dump()).toEqual(adas.before);
  });
});

/** What an operation and the one that followed it have done is what one does: each change once. */
async function expectTogether(stopped: readonly Handle[], next: readonly Handle[]): Promise<void> {
  for (const [i, handle] of next.entries()) {
    expect(await handle.result()).toMatchObject({ state: 'done', conflicts: 0 });
    const both = await adas.applied(stopped[i]?.firstExecutionRunId ?? '', handle.firstExecutionRunId);
    expect([both.length, new Set(both).size]).toEqual([19, 19]);
  }
  const after = await adas.site.dump();
  const [expected, ...found] = adas.lives.names.slice(0, 1 + next.length).map((life) => lifeOf(after, life));
  for (const life of found) expect(life).toEqual(expected);
  expect(await adas.claims()).toEqual([]);
}

describe('an operation that is cancelled', () => {
  it('X-15 before its first change, ends without any; amid its only chunk, finishes that', async () => {
    const { closed, model, stopped } = await stopAt(adas, everywhere);
    await Promise.all(stopped.map((handle) => handle.cancel()));
    await untilCancelRequested(stopped);
    await closed.open();
    const [unbegun, begun] = [stopped.slice(0, beforeChanges.length), stopped.slice(beforeChanges.length)];
    for (const handle of unbegun) {
      await expect(handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
      const nothing = { state: 'cancelled', counts: {}, users: { done: 0, unchanged: 1, attention: 0 } };
      expect(await resultOf(handle)).toMatchObject(nothing);
      expect(await adas.applied(handle.firstExecutionRunId)).toEqual([]);
    }
    for (const handle of begun) {
      expect(await handle.result()).toMatchObject({ state: 'done', counts: fullLifeCounts, conflicts: 0 });
      expect(await adas.applied(handle.firstExecutionRunId)).toHaveLength(19);
    }
    const after = await adas.site.dump();
    const [done, ...found] = adas.lives.names.map((life) => lifeOf(after, life));
    const untouched = lifeOf(adas.before, adas.lives.names[0] ?? '');
    expect(found).toEqual([...unbegun.map(() => untouched), ...begun.map(() => done)]);
    expect(await adas.unsettled(stopped)).toEqual([]);
    expect(await adas.claims()).toEqual([]);
    await undone([model, ...begun]);
    expect(await adas.site.dump()).toEqual(adas.before);
  });
});

async function untilCancelRequested(handles: readonly Handle[]): Promise<void> {
  const requested = temporal.api.enums.v1.EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED;
  const isRequested = async (handle: Handle): Promise<boolean> => {
    const { events } = await handle.fetchHistory();
    return events?.some(({ eventType }) => eventType === requested) ?? false;
  };
  const all = async (): Promise<boolean> => (await Promise.all(handles.map(isRequested))).every(Boolean);
  await eventually(all, () => 'the cancellations have not arrived');
}

/** What the ledger says that an operation ended with: a cancelled one answers nothing. */
async function resultOf(handle: Handle): Promise<OperationResult> {
  const { rows } = await adas.site.sql.query<{ result: OperationResult }>(
    'select result from lms_lifecycle.operation where id = $1',
    [handle.firstExecutionRunId],
  );
  if (rows[0] === undefined) throw new Error('the operation is not in the ledger');
  return rows[0].result;
}

describe('an operation whose workflow is reset', () => {
  it('X-11 still holds its user, and goes on', async () => {
    const [life = ''] = adas.lives.names;
    const first = await adas.remove(life, { approval: 'required' });
    const { planHash } = await untilWaiting(first);
    const again = await reset(adas.site, first);
    expect(await outcome(await adas.remove(life))).toBe('OperationInProgress');
    await untilWaiting(again);
    await again.executeUpdate('approve', { args: [{ by: admin, planHash }] });
    const operation = first.firstExecutionRunId;
    expect(await again.result()).toMatchObject({ operation, state: 'done', conflicts: 0 });
    expect(await adas.applied(operation)).toHaveLength(19);
    expect(await adas.claims()).toEqual([]);
  });
});
