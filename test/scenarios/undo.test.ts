import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperationFailed, openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, the, world } from '../support/world-builder.ts';
import { fullLife, fullLifeCounts } from './full-life.ts';
import { failureOf, outcomeAfterDrift, outcomeOf } from './steps.ts';
import { asBefore, deleted, undo, whole } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

describe('undo of a deletion', () => {
  it('X-08 brings back everything, change by change', async () => {
    const { before, result } = await deleted(lab);
    const undone = await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(asBefore(before));
    expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
    expect(undone.users).toEqual({ done: 1, unchanged: 0, attention: 0 });
    expect(undone.operation).not.toBe(result.operation);
    expect(undone.counts).toEqual({
      'ownership.transfer': fullLifeCounts['ownership.transfer'],
      'co-role.add': fullLifeCounts['co-role.remove'],
      'slot.join': fullLifeCounts['slot.leave'],
      'session.join': fullLifeCounts['session.leave'],
      'membership.add': fullLifeCounts['membership.remove'],
      'account.reinstate': 1,
    });
  });

  it('X-08 logins come back with the rest: unlike a reinstatement, an undo is as if nothing had been', async () => {
    const { before, result } = await deleted(lab);
    await undo(lab, result.operation);
    expect(the((await lab.dump()).users, 'ada').loginSessions).toBe(the(before.users, 'ada').loginSessions);
  });

  it('X-08 what was deleted, undone and deleted again is as if deleted once', async () => {
    const { after, result } = await deleted(lab);
    await undo(lab, result.operation);
    const again = await lab.run('deleteUser', { user: 'ada', requestedBy: admin, ...whole });
    const twice = await lab.dump();
    expect(again.counts).toEqual(result.counts);
    the(twice.users, 'ada').deletedAt = the(after.users, 'ada').deletedAt;
    expect(twice).toEqual(after);
  });

  it('X-08 several deletions undone from the last to the first bring back everything', async () => {
    const { before, result } = await deleted(lab);
    const operations = [result.operation];
    for (const user of ['bob', 'cem', 'gus']) {
      operations.push((await lab.run('deleteUser', { user, requestedBy: admin })).operation);
    }
    for (const operation of operations.reverse()) expect((await undo(lab, operation)).attention).toEqual([]);
    expect(await lab.dump()).toEqual(asBefore(before));
  });

  it('X-08 in a preview changes nothing, and apply can be bound to it', async () => {
    const { before, after, result } = await deleted(lab);
    const preview = await undo(lab, result.operation, { mode: 'preview' });
    expect(await lab.dump()).toEqual(after);
    expect(preview.state).toBe('previewed');
    const undone = await undo(lab, result.operation, { planHash: preview.planHash });
    expect(undone.counts).toEqual(preview.counts);
    expect(await lab.dump()).toEqual(asBefore(before));
  });

  it('X-08 gives back only what the operation itself had taken', async () => {
    const { before, result } = await outcomeAfterDrift(
      lab,
      fullLife(),
      async () => {
        await lab.sql.query(`delete from lms.membership where user_id = 'ada' and group_id = 'g-root'`);
        await lab.sql.query(`update lms.course set main_author_id = 'dan' where id = 'c-group'`);
      },
      whole,
    );
    expect(result.conflicts).toBe(2);
    await undo(lab, result.operation);
    expect(await lab.dump()).toEqual(asBefore(before));
  });

  it('X-08 of an operation without changes succeeds', async () => {
    const { after, result } = await outcomeOf(lab, world({ deleted: ['ada'] }));
    expect(await undo(lab, result.operation)).toMatchObject({ state: 'done', counts: {}, attention: [] });
    expect(await lab.dump()).toEqual(after);
  });

  it('X-08 of a preview has nothing to take back', async () => {
    const { before, result } = await outcomeOf(lab, fullLife(), { ...whole, mode: 'preview' });
    expect((await undo(lab, result.operation)).counts).toEqual({});
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 a second time does nothing more', async () => {
    const { result } = await deleted(lab);
    await undo(lab, result.operation);
    const before = await lab.dump();
    await undo(lab, result.operation).then(
      (second) => expect(second.counts).toEqual({}),
      (error: unknown) => expect((error as OperationFailed).type).toBe('NotUndoable'),
    );
    expect(await lab.dump()).toEqual(before);
  });

  it('X-08 a second time does not take back a later deletion', async () => {
    const { result } = await deleted(lab);
    await undo(lab, result.operation);
    const later = await lab.run('deleteUser', { user: 'ada', requestedBy: admin, ...whole });
    const before = await lab.dump();
    await undo(lab, result.operation).catch((error: unknown) =>
      expect(error).toBeInstanceOf(OperationFailed),
    );
    expect(await lab.dump()).toEqual(before);
    await undo(lab, later.operation);
    expect(the((await lab.dump()).users, 'ada').status).toBe('active');
  });

  it('X-08 an undo cannot be undone', async () => {
    const { result } = await deleted(lab);
    const undone = await undo(lab, result.operation);
    const before = await lab.dump();
    await failureOf(undo(lab, undone.operation), 'NotUndoable');
    expect(await lab.dump()).toEqual(before);
  });
});
