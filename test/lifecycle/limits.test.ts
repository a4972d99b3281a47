import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fullLife } from '../scenarios/full-life.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';

const deletion = { user: 'ada', requestedBy: admin, includePrivateSubgroups: true };

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ approvalAbove: 0 });
}, 120_000);
afterAll(() => lab.close());

async function ended(operation: string, where = lab): Promise<Record<string, unknown> | undefined> {
  const { rows } = await where.sql.query(
    `select state, failure->>'type' as type,
            (select count(*)::int from lms_lifecycle.claim c where c.operation_id = o.id) as claims,
            (select count(*)::int from lms_lifecycle.change c where c.operation_id = o.id and c.state <> 'skipped') as open
       from lms_lifecycle.operation o where workflow_id = $1`,
    [operation],
  );
  return rows[0];
}

describe('limits', () => {
  it('X-04 an approval is required above a number of users, and expires', async () => {
    const impatient = await openLab({ approvalAbove: 0, approvalExpiryMs: 500 });
    await impatient.load(fullLife());
    const before = await impatient.dump();
    const running = await impatient.start('deleteUser', deletion);
    await expect(running.result()).rejects.toMatchObject({ type: 'ApprovalExpired' });
    expect(await impatient.dump()).toEqual(before);
    expect(await ended(running.workflowId, impatient)).toEqual({
      state: 'expired',
      type: 'ApprovalExpired',
      claims: 0,
      open: 0,
    });
    await impatient.close();
  });

  it('X-04 a rejection says who and why, and changes nothing', async () => {
    await lab.load(fullLife());
    const before = await lab.dump();
    const running = await lab.start('deleteUser', deletion);
    await expect
      .poll(() => running.query('progress'), { timeout: 20_000 })
      .toMatchObject({ state: 'waiting-for-approval' });
    await running.update('reject', { by: admin, reason: 'not yet' });
    await expect(running.result()).rejects.toMatchObject({
      type: 'ApprovalRejected',
      message: `rejected by user ${admin}: not yet`,
    });
    expect(await lab.dump()).toEqual(before);
    expect(await ended(running.workflowId)).toMatchObject({ state: 'rejected', claims: 0, open: 0 });
  });

  it('X-03 maxUsers stops a plan before its first change', async () => {
    await lab.load(fullLife());
    const before = await lab.dump();
    const running = await lab.start('deleteUser', { ...deletion, maxUsers: 0 });
    await expect(running.result()).rejects.toMatchObject({ type: 'GuardExceeded' });
    expect(await lab.dump()).toEqual(before);
    expect(await ended(running.workflowId)).toMatchObject({
      state: 'failed',
      type: 'GuardExceeded',
      claims: 0,
    });
  });

  it('X-15 a cancelled operation that waits ends without a change', async () => {
    await lab.load(fullLife());
    const before = await lab.dump();
    const running = await lab.start('deleteUser', deletion);
    await expect
      .poll(() => running.query('progress'), { timeout: 20_000 })
      .toMatchObject({ state: 'waiting-for-approval' });
    await running.update('cancelAfterChunk');
    expect(await running.result()).toMatchObject({ state: 'cancelled', counts: {} });
    expect(await lab.dump()).toEqual(before);
  });

  it("X-11 Temporal's own cancel lets the user go", async () => {
    await lab.load(fullLife());
    const running = await lab.start('deleteUser', deletion);
    await expect
      .poll(() => running.query('progress'), { timeout: 20_000 })
      .toMatchObject({ state: 'waiting-for-approval' });
    await lab.client.workflow.getHandle(running.workflowId).cancel();
    await expect(running.result()).rejects.toThrow();
    expect(await ended(running.workflowId)).toMatchObject({ state: 'cancelled', claims: 0, open: 0 });
  });
});
