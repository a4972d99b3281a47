import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OperationFailed, openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import { afterFullLife, fullLife } from './full-life.ts';
import {
  deletionOfAda,
  expectNothingHeldByDeleted,
  failureOf,
  outcomeOf,
  retire,
  startWaiting,
} from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const whole = { ...deletionOfAda, includePrivateSubgroups: true };

describe('two operations on one user', () => {
  it('X-11 a second deletion is refused while the first is open, and does not disturb it', async () => {
    await lab.load(fullLife());
    const before = await lab.dump();
    const first = await startWaiting(lab, whole);
    await failureOf(lab.run('deleteUser', { ...whole, requestedBy: owner }), 'OperationInProgress');
    expect(await lab.dump()).toEqual(before);
    await first.update('approve', { by: admin, planHash: first.planHash });
    expect((await first.result()).state).toBe('done');
    const third = await lab.run('deleteUser', whole);
    expect(third.users.unchanged).toBe(1);
  });

  it('X-11 another user is not held up', async () => {
    await lab.load(fullLife());
    const first = await startWaiting(lab, whole);
    const other = await lab.run('deleteUser', { user: 'dan', requestedBy: owner });
    expect(other.users.done).toBe(1);
    await first.update('approve', { by: admin, planHash: first.planHash });
    await first.result();
    const after = await lab.dump();
    for (const id of ['ada', 'dan']) expect(the(after.users, id).status).toBe('deleted');
  });

  it('X-11 a refused operation leaves nothing open', async () => {
    await lab.load(fullLife());
    await failureOf(lab.run('deleteUser', deletionOfAda), 'PrivateMembershipsRemain');
    await failureOf(lab.run('deleteUser', { ...whole, requestedBy: 'bob' }), 'NotAuthorized');
    await failureOf(lab.run('deleteUser', { ...whole, planHash: '0'.repeat(64) }), 'PlanChanged');
    expect((await lab.run('deleteUser', whole)).users.done).toBe(1);
  });

  it('X-11 an undo cannot run against an open operation on the same user', async () => {
    const { result } = await outcomeOf(lab, fullLife(), whole);
    await lab.run('undoOperation', { operation: result.operation, requestedBy: admin });
    const before = await lab.dump();
    const second = await startWaiting(lab, whole);
    // The first is undone already: refused as such, refused as in progress, or with nothing to do; never interleaved.
    await lab.run('undoOperation', { operation: result.operation, requestedBy: admin }).catch((error) => {
      if (!(error instanceof OperationFailed)) throw error;
      expect(['NotUndoable', 'OperationInProgress']).toContain(error.type);
    });
    await failureOf(lab.run('deleteUser', whole), 'OperationInProgress');
    expect(await lab.dump()).toEqual(before);
    await second.update('approve', { by: admin, planHash: second.planHash });
    await second.result();
    expect(the((await lab.dump()).users, 'ada').status).toBe('deleted');
  });

  it('X-11 of several started at the same moment one deletes and the others find nothing left', async () => {
    await lab.load(fullLife());
    const before = await lab.dump();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () =>
        lab.run('deleteUser', whole).then(
          (result) => (result.users.done === 1 ? 'done' : 'unchanged'),
          (error: unknown) => (error instanceof OperationFailed ? error.type : String(error)),
        ),
      ),
    );
    expect(answers.filter((answer) => answer === 'done')).toHaveLength(1);
    for (const answer of answers) expect(['done', 'unchanged', 'OperationInProgress']).toContain(answer);
    const after = await lab.dump();
    retire(before, 'ada', admin, the(after.users, 'ada').deletedAt);
    afterFullLife(before);
    expect(after).toEqual(before);
  });

  it('D-13 two users who are heirs of each other, deleted at once, leave nothing to the deleted', async () => {
    await lab.load(
      world({
        courses: [
          { id: 'c-1', mainAuthor: 'ada', coAuthors: ['bob'] },
          { id: 'c-2', mainAuthor: 'bob', coAuthors: ['ada'] },
        ],
      }),
    );
    await Promise.all(
      ['ada', 'bob'].map((user) => lab.run('deleteUser', { user, requestedBy: owner, reason: 'both leave' })),
    );
    expectNothingHeldByDeleted(await lab.dump());
  });
});
