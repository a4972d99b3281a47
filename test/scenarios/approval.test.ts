import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationState } from '../../contracts/operations.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import { fullLife, fullLifeCounts } from './full-life.ts';
import { deletionOfAda, essence, failureOf, outcomeOf, pause, startWaiting, untilState } from './steps.ts';
import type { Essence } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const whole = { includePrivateSubgroups: true };
const total = Object.values(fullLifeCounts).reduce((sum, count) => sum + count);

interface PlanPage {
  planHash: string;
  total: number;
  changes: Essence[];
}

describe('approval', () => {
  it('X-04 waits with its plan made and nothing changed, and goes on when approved', async () => {
    await lab.load(fullLife());
    const before = await lab.dump();
    const running = await startWaiting(lab, whole);
    await pause(300);
    expect((await untilState(running, 'waiting-for-approval')).planHash).toBe(running.planHash);
    expect(await lab.dump()).toEqual(before);
    await running.update('approve', { by: owner, planHash: running.planHash });
    const result = await running.result();
    expect(result).toMatchObject({ state: 'done', planHash: running.planHash, counts: fullLifeCounts });
    expect(the((await lab.dump()).users, 'ada')).toMatchObject({ status: 'deleted', deletedBy: admin });
  });

  it('X-04 records as deletion time when it was applied, not when it was planned', async () => {
    await lab.load(world({ users: [{ id: 'ada' }] }));
    const running = await startWaiting(lab);
    await pause(1_000);
    const approvedAt = Date.now();
    await running.update('approve', { by: admin, planHash: running.planHash });
    await running.result();
    const { deletedAt } = the((await lab.dump()).users, 'ada');
    expect(Date.parse(deletedAt ?? '')).toBeGreaterThanOrEqual(approvedAt - 50);
  });

  it('X-04 is refused for another hash, and then still waits', async () => {
    await lab.load(fullLife());
    const before = await lab.dump();
    const running = await startWaiting(lab, whole);
    for (const planHash of [
      '0'.repeat(64),
      running.planHash.slice(1),
      '',
      running.planHash.toUpperCase() + 'x',
    ]) {
      await failureOf(running.update('approve', { by: admin, planHash }));
    }
    await untilState(running, 'waiting-for-approval');
    expect(await lab.dump()).toEqual(before);
    await running.update('approve', { by: admin, planHash: running.planHash });
    expect((await running.result()).state).toBe('done');
  });

  it('X-04 is refused when it does not say who, or which plan', async () => {
    await lab.load(fullLife());
    const before = await lab.dump();
    const running = await startWaiting(lab, whole);
    const { planHash } = running;
    for (const argument of [
      undefined,
      null,
      {},
      { planHash },
      { by: '', planHash },
      { by: admin },
      planHash,
    ]) {
      await failureOf(running.update('approve', argument));
    }
    await untilState(running, 'waiting-for-approval');
    expect(await lab.dump()).toEqual(before);
    await running.update('reject', { by: admin, planHash, reason: 'enough' });
    await failureOf(running.result(), 'ApprovalRejected');
  });

  it('X-04 rejected it fails ApprovalRejected and changes nothing', async () => {
    await lab.load(fullLife());
    const before = await lab.dump();
    const running = await startWaiting(lab, whole);
    await running.update('reject', { by: owner, planHash: running.planHash, reason: 'She stays.' });
    await failureOf(running.result(), 'ApprovalRejected');
    expect(await lab.dump()).toEqual(before);
  });

  it('X-04 a rejection does not stand in the way of a new operation', async () => {
    await lab.load(fullLife());
    const running = await startWaiting(lab, whole);
    await running.update('reject', { by: owner, planHash: running.planHash, reason: 'Not yet.' });
    await failureOf(running.result(), 'ApprovalRejected');
    const result = await lab.run('deleteUser', { ...deletionOfAda, ...whole });
    expect(result.counts).toEqual(fullLifeCounts);
  });

  it('X-04 after a rejection no approval is taken any more', async () => {
    await lab.load(fullLife());
    const before = await lab.dump();
    const running = await startWaiting(lab, whole);
    await running.update('reject', { by: owner, planHash: running.planHash, reason: 'No.' });
    await failureOf(running.result(), 'ApprovalRejected');
    await running.update('approve', { by: admin, planHash: running.planHash }).catch(() => undefined);
    expect(await lab.dump()).toEqual(before);
  });

  it('X-04 is not asked for one user when nobody asked for it', async () => {
    const { result } = await outcomeOf(lab, fullLife(), whole);
    expect(result.state).toBe<OperationState>('done');
  });

  it('X-04 the next run of the same input waits again', async () => {
    await lab.load(world({ users: [{ id: 'ada' }] }));
    const first = await startWaiting(lab);
    await first.update('approve', { by: admin, planHash: first.planHash });
    const { operation } = await first.result();
    await lab.run('undoOperation', { operation, requestedBy: admin });
    const second = await startWaiting(lab);
    expect(the((await lab.dump()).users, 'ada').status).toBe('active');
    await second.update('reject', { by: admin, planHash: second.planHash, reason: 'seen enough' });
    await failureOf(second.result(), 'ApprovalRejected');
  });

  it('X-04 an undo waits too when asked to', async () => {
    const { after, result } = await outcomeOf(lab, fullLife(), whole);
    const undo = await lab.start('undoOperation', {
      operation: result.operation,
      requestedBy: admin,
      approval: 'required',
    });
    const { planHash } = await untilState(undo, 'waiting-for-approval');
    expect(await lab.dump()).toEqual(after);
    await undo.update('approve', { by: admin, planHash });
    expect((await undo.result()).state).toBe('done');
    expect(the((await lab.dump()).users, 'ada').status).toBe('active');
  });
});

describe('the plan that is to be approved', () => {
  it('X-04 can be read in full while it waits, and is what is then done', async () => {
    await lab.load(fullLife());
    const running = await startWaiting(lab, whole);
    const plan = await running.query<PlanPage>('plan', { offset: 0, limit: 1000 });
    expect(plan).toMatchObject({ planHash: running.planHash, total });
    expect(plan.changes).toHaveLength(total);
    await running.update('approve', { by: admin, planHash: running.planHash });
    const { operation } = await running.result();
    const applied = essence(await lab.changes(operation));
    expect(plan.changes.map(({ kind, user, item, after }) => ({ kind, user, item, after }))).toEqual(
      applied.map(({ kind, user, item, after }) => ({ kind, user, item, after })),
    );
  });

  it('X-04 can be read page by page', async () => {
    await lab.load(fullLife());
    const running = await startWaiting(lab, whole);
    const all = (await running.query<PlanPage>('plan', { offset: 0, limit: 1000 })).changes;
    const paged: PlanPage['changes'] = [];
    for (let offset = 0; offset < total; offset += 4) {
      const page = await running.query<PlanPage>('plan', { offset, limit: 4 });
      expect(page.total).toBe(total);
      expect(page.changes.length).toBe(Math.min(4, total - offset));
      paged.push(...page.changes);
    }
    expect(paged).toEqual(all);
    expect((await running.query<PlanPage>('plan', { offset: total, limit: 4 })).changes).toEqual([]);
    await running.update('reject', { by: admin, planHash: running.planHash, reason: 'read' });
    await failureOf(running.result(), 'ApprovalRejected');
  });

  it('X-10 holds ids, but no email or name', async () => {
    await lab.load(
      world({
        users: [{ id: 'ada', email: 'ada.private@example.org', name: 'Ada Secret' }],
        members: [['ada', 'learner', 'g-sales']],
      }),
    );
    const running = await startWaiting(lab, { user: { email: 'ada.private@example.org' } });
    const told = [
      await running.query('plan', { offset: 0, limit: 100 }),
      await running.query('progress'),
      await running.query('attention'),
    ];
    expect(JSON.stringify(told)).not.toMatch(/ada\.private|Secret/);
    await running.update('approve', { by: admin, planHash: running.planHash });
    expect(JSON.stringify(await running.result())).not.toMatch(/ada\.private|Secret/);
  });
});
