import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../faults/support/eventually.ts';
import { untilState } from '../../scenarios/steps.ts';
import { historyText } from '../../support/history-text.ts';
import { openLab, running } from '../../support/lab.ts';
import type { Lab } from '../../support/lab.ts';
import { admin, the, world } from '../../support/world-builder.ts';
import { errorOf, openScimService, patchOf } from './support/scim-service.ts';
import type { ScimService } from './support/scim-service.ts';

/** Every plan waits for approval here, so that a test sees what a client sees meanwhile. */
let lab: Lab;
let scim: ScimService;
beforeAll(async () => {
  lab = await openLab({ approvalAbove: 0 });
  scim = await openScimService(lab);
  scim.dispatch();
});
afterAll(async () => {
  await scim.close();
  await lab.close();
});
beforeEach(async () => {
  await lab.load(
    world({
      users: ['ada', 'bob'].map((id) => ({ id })),
      groups: [{ id: 'g-secret', visibility: 'private' }],
      members: [['ada', 'learner', 'g-secret']],
    }),
  );
  await lab.sql.query('delete from lms_lifecycle.inbox');
});

const off = patchOf({ op: 'replace', path: 'active', value: false });

interface Waiting {
  id: string;
  workflowId: string;
  planHash: string;
}

/** The operation that waits for approval. */
async function waiting(): Promise<Waiting> {
  let found: Waiting | undefined;
  await eventually(
    async () => {
      const { rows } = await lab.sql.query<Waiting>(
        `select id, workflow_id as "workflowId", plan_hash as "planHash" from lms_lifecycle.operation
          where state = 'waiting-for-approval'`,
      );
      found = rows[0];
      return found !== undefined;
    },
    () => 'an operation that waits for approval',
  );
  if (!found) throw new Error('unreachable');
  // The ledger knows it a moment before the workflow takes an answer.
  await untilState(running(lab.client.workflow.getHandle(found.workflowId)), 'waiting-for-approval');
  return found;
}

async function approve({ workflowId, planHash }: Waiting): Promise<void> {
  const operation = running(lab.client.workflow.getHandle(workflowId));
  await operation.update('approve', { by: admin, planHash });
  await operation.result();
}

async function reject({ workflowId }: Waiting): Promise<void> {
  const operation = running(lab.client.workflow.getHandle(workflowId));
  await operation.update('reject', { by: admin, reason: 'no' });
  await operation.result().catch(() => undefined);
}

const statusOf = async (id: string): Promise<number> => (await scim.ask('GET', `/Users/${id}`)).status;

describe('a deprovisioning', () => {
  it('RFC 7644 §3.6 a deleted user is gone while the operation waits for approval, and afterwards', async () => {
    expect(await scim.ask('DELETE', '/Users/ada')).toMatchObject({ status: 204 });
    const operation = await waiting();
    expect(await statusOf('ada')).toBe(404);
    expect((await scim.ask('GET', '/Users')).body).toMatchObject({ totalResults: 3 });
    await approve(operation);
    expect(await statusOf('ada')).toBe(404);
    const world = await lab.dump();
    expect(the(world.users, 'ada')).toMatchObject({ status: 'deleted', deletedBy: 'system' });
    expect(world.memberships.filter(({ user }) => user === 'ada')).toEqual([]);
    const { rows } = await lab.sql.query(
      `select kind, requested_by, trigger, reason from lms_lifecycle.operation where id = $1`,
      [operation.id],
    );
    expect(rows).toEqual([
      {
        kind: 'deleteUser',
        requested_by: 'system',
        trigger: 'webhook',
        reason: 'scim.deleted, told by scim:okta',
      },
    ]);
    expect(await historyText(lab.client, operation.workflowId)).not.toContain('@example.org');
  });

  it('RFC 7644 §3.5.2 an inactive user is to be seen as such until the account is gone', async () => {
    expect(await scim.ask('PATCH', '/Users/ada', off)).toMatchObject({
      status: 200,
      body: { active: false },
    });
    const operation = await waiting();
    expect(await scim.ask('GET', '/Users/ada')).toMatchObject({ status: 200, body: { active: false } });
    await approve(operation);
    expect(await statusOf('ada')).toBe(404);
    expect(await scim.ask('PATCH', '/Users/ada', off)).toMatchObject(errorOf(404));
  });

  it('RFC 7644 §3.6 who is not deleted after all is there again, and can be deleted again', async () => {
    await scim.ask('DELETE', '/Users/ada');
    await reject(await waiting());
    await eventually(
      async () => (await statusOf('ada')) === 200,
      () => 'the user again',
    );
    expect(await scim.ask('GET', '/Users/ada')).toMatchObject({ body: { active: true } });
    expect(await scim.ask('DELETE', '/Users/ada')).toMatchObject({ status: 204 });
    await approve(await waiting());
    expect(the((await lab.dump()).users, 'ada')).toMatchObject({ status: 'deleted' });
  });

  it('RFC 7644 §3.6 whose deletion is terminated by hand is there again, and can be deleted again', async () => {
    await scim.ask('DELETE', '/Users/ada');
    await lab.client.workflow.getHandle((await waiting()).workflowId).terminate();
    await eventually(
      async () => (await statusOf('ada')) === 200,
      () => 'the user again',
    );
    // What the terminated operation has left behind is in nobody's way, and is closed when the next one comes.
    expect(await scim.ask('DELETE', '/Users/ada')).toMatchObject({ status: 204 });
    await eventually(
      async () => {
        const { rows } = await lab.sql.query(`select from lms_lifecycle.operation where state = 'cancelled'`);
        return rows.length === 1;
      },
      () => 'the next operation',
    );
    await approve(await waiting());
    expect(the((await lab.dump()).users, 'ada')).toMatchObject({ status: 'deleted' });
  });

  it('RFC 7644 §3.6 who was reinstated is there again, and can be deleted again', async () => {
    await scim.ask('DELETE', '/Users/ada');
    await approve(await waiting());
    const reinstatement = await lab.start('reinstateUser', { user: { id: 'ada' }, requestedBy: admin });
    await approve(await waiting());
    await reinstatement.result();
    await eventually(
      async () => (await statusOf('ada')) === 200,
      () => 'the user again',
    );
    expect(await scim.ask('DELETE', '/Users/ada')).toMatchObject({ status: 204 });
    await approve(await waiting());
    expect(the((await lab.dump()).users, 'ada')).toMatchObject({ status: 'deleted' });
    expect(await scim.accepted('ada')).toEqual({ 'scim.deleted': 2 });
  });

  it('X-05 several at the same time delete the user once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => scim.ask('DELETE', '/Users/bob')));
    expect(answers.map(({ status }) => status)).toContain(204);
    for (const { status } of answers) expect([204, 404]).toContain(status);
    await approve(await waiting());
    expect(the((await lab.dump()).users, 'bob')).toMatchObject({ status: 'deleted' });
    expect(await statusOf('bob')).toBe(404);
  });
});
