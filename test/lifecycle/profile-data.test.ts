import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { historyText } from '../support/history-text.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, world } from '../support/world-builder.ts';
import type { Member } from '../support/world-builder.ts';
import { row, storeProfiles, team, update } from '../scenarios/profile-steps.ts';
import { untilState } from '../scenarios/steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2 });
}, 120_000);
afterAll(() => lab.close());

const members: Member[] = ['ada', 'bob', 'cem', 'dan'].map((user) => [user, 'learner', 'g-home'] as const);

describe('personal data', () => {
  const secretive = world({
    groups: [
      { id: 'g-smart', smartRule: team('hush-hush') },
      { id: 'g-odd', smartRule: { var: 'street' } },
    ],
    users: ['ada', 'bob'].map((id) => ({
      id,
      profile: { street: `Secret Street ${id}`, team: 'clandestine' },
    })),
    members,
    courses: [{ id: 'c-1', mainAuthor: 'pam' }],
    groupCourses: [{ group: 'g-smart', course: 'c-1' }],
  });
  const secrets = secretive.users
    .flatMap(({ email, name }) => [email, name])
    .concat('Secret Street', 'clandestine', 'hush-hush', 'Hidden Lane');
  const profiles = [
    row('ada', { team: 'hush-hush' }),
    row({ email: 'BOB@example.org' }, { street: 'Hidden Lane', team: null }),
    row('none@example.org', { street: 'Hidden Lane' }),
    row('ada', 'Hidden Lane'),
  ];

  async function expectSecret(workflowId: string, known: readonly string[] = []): Promise<void> {
    const history = await historyText(lab.client, workflowId);
    expect(history).toContain(`"requestedBy":"${admin}"`);
    const told = secrets.filter((secret) => history.toLowerCase().includes(secret.toLowerCase()));
    expect(told.filter((secret) => !known.includes(secret))).toEqual([]);
    expect(history).not.toContain('none@example.org');
  }

  it('X-10 no email, name or profile value is in the history of an update from a list, of its undo, or in what they answer', async () => {
    await lab.load(secretive);
    const list = await storeProfiles(lab, profiles);
    const asked = { list, requestedBy: admin };
    const preview = await lab.start('updateProfiles', { ...asked, mode: 'preview' });
    const running = await lab.start('updateProfiles', asked);
    const results = [await preview.result(), await running.result()];
    expect(results[1]).toMatchObject({ users: { done: 2, unchanged: 0, attention: 2 } });
    expect(results[1]?.counts).toMatchObject({ 'profile.update': 2, 'membership.add': 1 });
    const undone = await lab.start('undoOperation', { operation: results[1]?.operation, requestedBy: admin });
    results.push(await undone.result());
    for (const { workflowId } of [preview, running, undone]) await expectSecret(workflowId);
    const answers = JSON.stringify(results);
    for (const secret of [...secrets, 'none@example.org']) expect(answers).not.toContain(secret);
  });

  it('X-10 what was not typed into the input is not in the history of an update from it either', async () => {
    await lab.load(secretive);
    const running = await lab.start('updateProfiles', update([row('ada', { team: 'hush-hush' })]));
    await running.result();
    await expectSecret(running.workflowId, ['hush-hush']);
  });

  it('X-10 what is shown of a plan, and of what needs attention, has no profile values', async () => {
    await lab.load(secretive);
    const list = await storeProfiles(lab, profiles);
    const running = await lab.start('updateProfiles', { list, requestedBy: admin, approval: 'required' });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    const shown = JSON.stringify([await running.query('progress'), await running.query('attention')]);
    for (const secret of secrets) expect(shown).not.toContain(secret);
    await running.update('approve', { by: admin, planHash });
    await running.result();
    await expectSecret(running.workflowId);
  });
});
