import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, the, upcoming, world } from '../support/world-builder.ts';
import { fullLife, fullLifeCounts } from './full-life.ts';
import { deletionOfAda, essence, failureOf, outcomeOf, theChange } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const whole = { ...deletionOfAda, includePrivateSubgroups: true };

describe('preview', () => {
  it('X-01 changes nothing, and says what it would change', async () => {
    const { before, after, result } = await outcomeOf(lab, fullLife(), { ...whole, mode: 'preview' });
    expect(after).toEqual(before);
    expect(result).toMatchObject({ state: 'previewed', counts: fullLifeCounts, attention: [], conflicts: 0 });
    expect(result.planHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('X-01 equals what apply does, change by change', async () => {
    const preview = (await outcomeOf(lab, fullLife(), { ...whole, mode: 'preview' })).result;
    const applied = await lab.run('deleteUser', whole);
    expect(applied.counts).toEqual(preview.counts);
    expect(applied.planHash).toBe(preview.planHash);
    const planned = essence(await lab.changes(preview.operation));
    expect(essence(await lab.changes(applied.operation))).toEqual(planned);
    expect(planned).toHaveLength(Object.values(fullLifeCounts).reduce((sum, count) => sum + count));
  });

  it('X-01 does the same again, and leaves nothing open behind it', async () => {
    const first = (await outcomeOf(lab, fullLife(), { ...whole, mode: 'preview' })).result;
    const second = await lab.run('deleteUser', { ...whole, mode: 'preview' });
    expect(second.planHash).toBe(first.planHash);
    expect(second.operation).not.toBe(first.operation);
  });

  it('X-01 of a deleted user is unchanged, like the deletion itself', async () => {
    const given = world({ deleted: ['ada'] });
    const { before, after, result } = await outcomeOf(lab, given, { mode: 'preview' });
    expect(after).toEqual(before);
    expect(result.users.unchanged).toBe(1);
    expect(result.counts).toEqual({});
  });

  it('X-04 does not wait for approval, having nothing to approve', async () => {
    const { result } = await outcomeOf(lab, fullLife(), { ...whole, mode: 'preview', approval: 'required' });
    expect(result.state).toBe('previewed');
  });
});

describe('apply bound to a preview', () => {
  async function previewed(): Promise<string> {
    const { result } = await outcomeOf(lab, fullLife(), { ...whole, mode: 'preview' });
    return result.planHash;
  }

  /** Applying by the hash is refused, with these words in the message, before anything has changed. */
  async function expectPlanChanged(planHash: string, ...words: string[]): Promise<void> {
    const before = await lab.dump();
    const { message } = await failureOf(lab.run('deleteUser', { ...whole, planHash }), 'PlanChanged');
    for (const word of words) expect(message).toContain(word);
    expect(await lab.dump()).toEqual(before);
  }

  it('X-02 goes through when the world is as it was', async () => {
    const planHash = await previewed();
    const result = await lab.run('deleteUser', { ...whole, planHash });
    expect(result).toMatchObject({ state: 'done', planHash, counts: fullLifeCounts });
  });

  it('X-02 goes through when only what does not concern the plan has changed', async () => {
    const planHash = await previewed();
    await lab.sql.query(
      `update lms.account set name = 'Renamed', email = 'new@example.org' where id = 'bob'`,
    );
    await lab.sql.query(`delete from lms.course_co_author where course_id = 'c-other' and user_id = 'bob'`);
    await lab.sql.query(`update lms.course set main_author_id = 'bob' where id = 'c-other'`);
    const result = await lab.run('deleteUser', { ...whole, planHash });
    expect(result.state).toBe('done');
  });

  it('X-02 stops at a hash that never was', async () => {
    await previewed();
    await expectPlanChanged('0'.repeat(64));
  });

  it('X-02 stops when a membership has come, and names it', async () => {
    const planHash = await previewed();
    await lab.sql.query(
      `insert into lms.membership (group_id, user_id, role, since) values ('g-inner', 'ada', 'author', now())`,
    );
    await expectPlanChanged(planHash, 'g-inner');
  });

  it('X-02 stops when a membership has gone, and names it', async () => {
    const planHash = await previewed();
    await lab.sql.query(`delete from lms.membership where user_id = 'ada' and group_id = 'g-root'`);
    await expectPlanChanged(planHash, 'g-root');
  });

  it('X-02 stops when a slot has come, and names it', async () => {
    const planHash = await previewed();
    await lab.sql.query(
      `update lms.slot set starts_at = '${upcoming.startsAt}', ends_at = '${upcoming.endsAt}'
        where id = 't-static-past'`,
    );
    await expectPlanChanged(planHash, 't-static-past');
  });

  it('X-02 stops when another would succeed, and names the course', async () => {
    const planHash = await previewed();
    await lab.run('deleteUser', { user: 'bob', requestedBy: owner });
    const { message } = await failureOf(lab.run('deleteUser', { ...whole, planHash }), 'PlanChanged');
    expect(message).toContain('c-co');
  });

  it('X-02 stops when the user has been deleted meanwhile', async () => {
    const planHash = await previewed();
    await lab.run('deleteUser', whole);
    const before = await lab.dump();
    // Nothing is left to do: either answer is honest, as long as nothing is done.
    const outcome = await lab.run('deleteUser', { ...whole, planHash }).then(
      (result) => result.users.unchanged,
      (error: unknown) => (error as { type?: string }).type,
    );
    expect([1, 'PlanChanged']).toContain(outcome);
    expect(await lab.dump()).toEqual(before);
  });
});

describe('reasons', () => {
  const given = world({
    deleted: ['old'],
    groups: [
      { id: 'g-sales', parent: 'g-region' },
      { id: 'g-region', parent: 'g-country' },
      { id: 'g-lone', parent: 'g-void' },
      { id: 'g-void', parent: 'g-country' },
    ],
    members: [
      ['gus', 'admin', 'g-region'],
      ['eve', 'admin', 'g-country'],
    ],
    courses: [
      { id: 'c-co', mainAuthor: 'ada', coAuthors: ['old', 'bob'] },
      { id: 'c-group', mainAuthor: 'ada', coAuthors: ['old'], ownerGroup: 'g-country' },
      { id: 'c-parent', mainAuthor: 'ada', ownerGroup: 'g-sales' },
      { id: 'c-owner', mainAuthor: 'ada', ownerGroup: 'g-lone' },
    ],
    paths: [
      { id: 'p-1', mainAuthor: 'ada', ownerGroup: 'g-sales' },
      { id: 'p-2', mainAuthor: 'bob' },
    ],
    sessions: [
      { id: 's-co', path: 'p-1', mainInstructor: 'ada', coInstructors: ['old', 'cem'] },
      { id: 's-path', path: 'p-2', mainInstructor: 'ada', coInstructors: ['old'] },
    ],
  });

  it.each([
    ['c-co', 'bob', 'D-05', []],
    ['c-group', 'eve', 'D-06', ['D-05']],
    ['c-parent', 'gus', 'D-07', ['D-05', 'D-06']],
    ['c-owner', owner, 'D-08', ['D-05', 'D-06', 'D-07']],
  ])('X-13 course %s goes to %s by %s, and %j failed before', async (id, main, rule, failed) => {
    const { result } = await outcomeOf(lab, given);
    const { after, reason } = theChange(await lab.changes(result.operation), 'ownership.transfer', { id });
    expect(after).toMatchObject({ main });
    expect(reason.rule).toBe(rule);
    expect(reason.because).not.toBe('');
    // D-05 may say of itself that a deleted co-author came first.
    const before = (reason.failed ?? []).filter((rung) => rung.rule !== rule);
    expect(before.map((rung) => rung.rule)).toEqual(failed);
    for (const rung of before) expect(rung.because).not.toBe('');
  });

  it('X-13 names whom it passed over, and the groups without admin', async () => {
    const { result } = await outcomeOf(lab, given);
    const changes = await lab.changes(result.operation);
    const said = (id: string): string =>
      JSON.stringify(theChange(changes, 'ownership.transfer', { id }).reason);
    expect(said('c-group')).toContain('old');
    expect(said('c-parent')).toContain('g-sales');
    expect(said('c-owner')).toContain('g-void');
    expect(said('s-path')).toContain('old');
  });

  it('X-13 explains paths and sessions as well', async () => {
    const { result } = await outcomeOf(lab, given);
    const changes = await lab.changes(result.operation);
    const reasonOf = (id: string): { rule: string; failed?: unknown[] } =>
      theChange(changes, 'ownership.transfer', { id }).reason;
    expect(reasonOf('p-1').rule).toMatch(/^D-0[79]/);
    expect(reasonOf('p-1').failed).toHaveLength(2);
    expect(reasonOf('s-co').rule).toMatch(/^D-10/);
    expect(reasonOf('s-path').rule).toMatch(/^D-10/);
    expect(reasonOf('s-path').failed).toHaveLength(1);
  });

  it('X-13 gives every change a rule and a sentence', async () => {
    const { result, after } = await outcomeOf(lab, fullLife(), { includePrivateSubgroups: true });
    expect(the(after.users, 'ada').deletedBy).toBe(admin);
    for (const { reason } of await lab.changes(result.operation)) {
      expect(reason.rule).toMatch(/^[A-Z]-\d\d/);
      expect(reason.because.length).toBeGreaterThan(5);
    }
  });
});
