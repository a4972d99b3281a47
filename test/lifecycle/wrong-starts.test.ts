import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failureOf, startWaiting } from '../scenarios/steps.ts';
import { openLab, running } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, the, world } from '../support/world-builder.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 1 });
  await lab.load(world({ users: [{ id: 'ada' }] }));
}, 120_000);
afterAll(() => lab.close());

async function startWith(workflow: string, ...args: unknown[]): Promise<unknown> {
  const start = { workflowId: `${workflow}-${randomUUID()}`, taskQueue: lab.taskQueue, args };
  return running(await lab.client.workflow.start(workflow, start)).result();
}

describe('a start that no operation is like', () => {
  it.each([null, {}, 'ada', 7, { operation: 'x' }])(
    'X-16 with %j beside its input is refused',
    async (second) => {
      const input = { user: 'ada', requestedBy: admin };
      for (const workflow of ['deleteUser', 'runReport']) {
        const { message } = await failureOf(startWith(workflow, input, second), 'InvalidInput');
        expect(message).toBe(`${workflow} takes one input: give no second one beside it`);
      }
    },
  );

  it('X-04 of a chunk alone does not get round the approval of its operation', async () => {
    const waiting = await startWaiting(lab);
    const { operation } = await waiting.query<{ operation: string }>('progress');
    const { message } = await failureOf(startWith('applyChunk', { operation, chunk: 1 }), 'InvalidInput');
    expect(message).toContain('start the operation itself');
    expect(the((await lab.dump()).users, 'ada').status).toBe('active');
    await waiting.update('reject', { by: admin, reason: 'seen enough' });
    await failureOf(waiting.result(), 'ApprovalRejected');
  });
});
