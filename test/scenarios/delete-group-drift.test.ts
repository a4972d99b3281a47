import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, root, the } from '../support/world-builder.ts';
import { outcomeIn, school } from './content-steps.ts';
import { deletionOfSales, region, withoutGroups } from './group-deletion-steps.ts';
import { failureOf, untilState } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const both = { subgroups: 'delete', orphans: 'delete' };

/** What others do between plan and apply. */
const meanwhile = {
  newcomer: `insert into lms.membership (group_id, user_id, role, since) values ('g-sales', 'dan', 'learner', '2024-01-01T00:00:00Z')`,
  course: `insert into lms.group_course (group_id, course_id) values ('g-sales', 'c-first')`,
  path: `insert into lms.group_path (group_id, path_id) values ('g-sales', 'p-other')`,
  subgroup: `insert into lms.user_group (id, name, parent_id, visibility) values ('g-new', 'New', 'g-sales', 'public')`,
  owned: `update lms.course set owner_group_id = 'g-sales' where id = 'c-first'`,
  audience: `insert into lms.session_audience_group (session_id, group_id) values ('s-1', 'g-sales')`,
};

describe('what moves', () => {
  it.each(Object.entries(meanwhile))('X-02 stops when the list would differ: %s', async (what, sql) => {
    const { result } = await outcomeIn(lab, school(), 'deleteGroup', { ...deletionOfSales, mode: 'preview' });
    await lab.sql.query(sql);
    const before = await lab.dump();
    const bound = { ...deletionOfSales, planHash: result.planHash };
    const failure = await failureOf(lab.run('deleteGroup', bound));
    // What is said of subgroups is asked first.
    expect(what === 'subgroup' ? ['GroupHasSubgroups', 'PlanChanged'] : ['PlanChanged']).toContain(
      failure.type,
    );
    expect(await lab.dump()).toEqual(before);
  });

  it('X-02 stops when another group is meant, or something else is said', async () => {
    const input = { ...deletionOfSales, ...both };
    const { result, before } = await outcomeIn(lab, region(), 'deleteGroup', { ...input, mode: 'preview' });
    const { planHash } = result;
    for (const other of [{ group: 'g-east' }, { subgroups: 'moveToParent' }, { orphans: 'moveToParent' }]) {
      await failureOf(lab.run('deleteGroup', { ...input, ...other, planHash }), 'PlanChanged');
    }
    expect(await lab.dump()).toEqual(before);
  });

  /** Something happens to `school` while the deletion of `g-sales` waits for its approval. */
  async function drifted(
    sql: string,
  ): Promise<{ before: World; after: World; conflicts: number; operation: string }> {
    await lab.load(school());
    const running = await lab.start('deleteGroup', { ...deletionOfSales, approval: 'required' });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    await lab.sql.query(sql);
    const before = await lab.dump();
    await running.update('approve', { by: admin, planHash });
    const { conflicts, operation } = await running.result();
    return { before, after: await lab.dump(), conflicts, operation };
  }

  it('X-06 a registration completed meanwhile stays, a course given to another group stays there; the rest goes', async () => {
    const { after, before, conflicts } = await drifted(
      `update lms.registration set status = 'completed', listed_as = 'completed', completed_at = '2025-01-01T00:00:00Z'
         where user_id = 'ada' and activity_id = 'c-first'`,
    );
    expect(conflicts).toBe(1);
    const rest = (dump: World): World['registrations'] =>
      dump.registrations.filter(({ activity }) => activity === 'c-first');
    expect(rest(after).map(({ access }) => access)).toEqual(
      rest(before).map(({ user }) => !['bob', 'cem'].includes(user)),
    );
    const { registrations } = before;
    expect({ ...after, registrations }).toEqual(withoutGroups(before, ['g-sales'], root));
  });

  it('X-06 a course that was given to another group meanwhile stays there', async () => {
    const given = school();
    the(given.courses, 'c-own').ownerGroup = 'g-sales';
    await lab.load(given);
    const running = await lab.start('deleteGroup', { ...deletionOfSales, approval: 'required' });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    await lab.sql.query(`update lms.course set owner_group_id = 'g-more' where id = 'c-own'`);
    await running.update('approve', { by: admin, planHash });
    expect((await running.result()).conflicts).toBe(1);
    const after = await lab.dump();
    expect(the(after.courses, 'c-own').ownerGroup).toBe('g-more');
    expect(after.groups.some(({ id }) => id === 'g-sales')).toBe(false);
  });

  it.each(Object.entries(meanwhile))(
    'X-06 ADR 7 what comes into the group meanwhile, %s, is not lost without a trace',
    async (_, sql) => {
      const { before, after, operation } = await drifted(sql);
      const { rows } = await lab.sql.query(
        'select distinct state from lms_lifecycle.change where operation_id = $1',
        [operation],
      );
      expect(rows.map(({ state }) => state)).not.toContain('pending');
      // Whether the group stays with it, or it goes as the rest went: undone, all of it is there again.
      await undo(lab, operation);
      expect(await lab.dump()).toEqual(before);
      await lab.load(after);
    },
  );
});
