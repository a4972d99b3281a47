import { afterAll, beforeAll, expect, it } from 'vitest';
import { fullLife } from '../scenarios/full-life.ts';
import { historyText } from '../support/history-text.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

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
    const history = await historyText(lab.client, workflowId);
    expect(history).toContain(`"requestedBy":"${admin}"`);
    expect(secrets.filter((secret) => history.includes(secret))).toEqual([]);
  }
});
