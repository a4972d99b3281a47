import { afterAll, beforeAll, expect, it } from 'vitest';
import { fullLife } from '../scenarios/full-life.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

async function historyOf(workflowId: string): Promise<string> {
  const history = await lab.client.workflow.getHandle(workflowId).fetchHistory();
  return JSON.stringify(history, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
  );
}

it('X-10 neither an email nor a name is in the history of a deletion, its refusal or its undo', async () => {
  const world = fullLife();
  await lab.load(world);
  const secrets = world.users.flatMap(({ email, name }) => [email, name]);
  const deletion = { user: { id: 'ada' }, requestedBy: admin, includePrivateSubgroups: true };
  const refused = await lab.start('deleteUser', { ...deletion, includePrivateSubgroups: false });
  await refused.result().catch(() => undefined);
  const deleted = await lab.start('deleteUser', deletion);
  const { operation } = await deleted.result();
  const undone = await lab.start('undoOperation', { operation, requestedBy: admin });
  await undone.result();
  for (const { workflowId } of [refused, deleted, undone]) {
    const history = await historyOf(workflowId);
    expect(history).toContain('ada');
    expect(secrets.filter((secret) => history.includes(secret))).toEqual([]);
  }
});
