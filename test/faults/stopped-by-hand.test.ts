import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import { admin } from '../support/world-builder.ts';
import { openAdas, outcome } from './support/adas.ts';
import type { Adas } from './support/adas.ts';
import { lifeOf } from './support/cohorts.ts';
import { eventually } from './support/eventually.ts';
import { closeGates, gatesAt } from './support/gates.ts';
import type { Handle } from './support/site.ts';
import { untilWaiting } from './support/until.ts';
import { deletions } from './support/wave.ts';

/** Amid what an operation is stopped: in each of these it has changed something and not committed it. */
const gates = gatesAt(
  [
    'claim',
    'plan',
    'seal',
    'transferOwnership',
    'leaveSlots',
    'leaveSessions',
    'leaveGroups',
    'retireAccounts',
  ],
  ['within'],
);

let adas: Adas;
beforeAll(async () => {
  adas = await openAdas(1 + gates.length);
});
beforeEach(() => adas.restore());
afterAll(() => adas.close());

/** Brings a deletion to each of the gates; the first, undisturbed one is the model. */
async function stopAtGates() {
  const closed = await closeGates(adas.site.databaseUrl, gates);
  const wave = await deletions(adas.site, adas.lives, gates);
  await closed.reached();
  const [model, ...stopped] = wave.handles.values();
  if (model === undefined) throw new Error('nothing was started');
  return { closed, model, stopped };
}

async function undone(handles: readonly Handle[]): Promise<void> {
  await Promise.all(handles.map(async (handle) => outcome(await adas.undo(handle.firstExecutionRunId))));
}

/** Changes that nothing has become of, or that met somebody else's. */
async function unsettled(handles: readonly Handle[]): Promise<object[]> {
  const { rows } = await adas.site.sql.query<{ step: string; state: string; n: number }>(
    `select step, state, count(*)::int as n from lms_lifecycle.change
      where operation_id = any($1) and state in ('pending', 'conflict') group by 1, 2`,
    [handles.map((handle) => handle.firstExecutionRunId)],
  );
  return rows;
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
    expect(await unsettled([first, second])).toEqual([]);
    await undone([second]);
    expect(await adas.site.dump()).toEqual(adas.before);
  });

  it('X-11 amid any step, is followed by the next when that step has ended, and they never interleave', async () => {
    const { closed, model, stopped } = await stopAtGates();
    await Promise.all(stopped.map((handle) => handle.terminate('by hand')));
    const next = await Promise.all(adas.lives.names.slice(1).map((life) => adas.remove(life)));
    await closed.crowded();
    await closed.open();

    for (const [i, handle] of next.entries()) {
      expect(await handle.result()).toMatchObject({ state: 'done', conflicts: 0 });
      const both = await adas.applied(stopped[i]?.firstExecutionRunId ?? '', handle.firstExecutionRunId);
      expect([both.length, new Set(both).size]).toEqual([19, 19]);
    }
    const after = await adas.site.dump();
    const [expected, ...found] = adas.lives.names.map((life) => lifeOf(after, life));
    for (const life of found) expect(life).toEqual(expected);
    expect(await unsettled([...stopped, ...next])).toEqual([]);
    expect(await adas.claims()).toEqual([]);

    // What the two have done can be taken back, from the last to the first.
    await undone([model, ...next]);
    await undone(stopped);
    expect(await adas.site.dump()).toEqual(adas.before);
  });
});

describe('an operation that is cancelled', () => {
  it('X-11 amid any step, ends when that step has, and its record is what was done', async () => {
    const { closed, model, stopped } = await stopAtGates();
    await Promise.all(stopped.map((handle) => handle.cancel()));
    await untilCancelRequested(stopped);
    await closed.open();
    for (const handle of stopped) {
      await expect(handle.result()).rejects.toThrow();
      expect(await resultOf(handle)).toMatchObject({ state: 'cancelled', conflicts: 0 });
      const { counts } = await resultOf(handle);
      const told = Object.values(counts).reduce((sum, n) => sum + n, 0);
      expect(await adas.applied(handle.firstExecutionRunId)).toHaveLength(told);
    }
    expect(await unsettled(stopped)).toEqual([]);
    expect(await adas.claims()).toEqual([]);
    await undone([model, ...stopped]);
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
    const again = await reset(first);
    expect(await outcome(await adas.remove(life))).toBe('OperationInProgress');
    await untilWaiting(again);
    await again.executeUpdate('approve', { args: [{ by: admin, planHash }] });
    const operation = first.firstExecutionRunId;
    expect(await again.result()).toMatchObject({ operation, state: 'done', conflicts: 0 });
    expect(await adas.applied(operation)).toHaveLength(19);
    expect(await adas.claims()).toEqual([]);
  });
});

/** Takes a workflow back to its beginning, as the button of that name in the Temporal UI does. */
async function reset({ workflowId, firstExecutionRunId }: Handle): Promise<WorkflowHandle> {
  const request = temporal.api.workflowservice.v1.ResetWorkflowExecutionRequest.fromObject({
    namespace: 'default',
    workflowExecution: { workflowId, runId: firstExecutionRunId },
    reason: 'by hand',
    // The first workflow task.
    workflowTaskFinishEventId: 3,
    requestId: randomUUID(),
  });
  const { runId } = await adas.site.client.workflowService.resetWorkflowExecution(request);
  return adas.site.client.workflow.getHandle(workflowId, runId);
}
