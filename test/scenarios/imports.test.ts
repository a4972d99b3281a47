import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ImportRefused } from '../../imports/import-refused.ts';
import { countEntries, readEntries } from '../../ledger/lists.ts';
import { findOperation } from '../../ledger/operations.ts';
import { historyText } from '../support/history-text.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, the, world } from '../support/world-builder.ts';
import { openImporter } from './import-steps.ts';
import type { Importer } from './import-steps.ts';
import { failureOf, retire, untilState } from './steps.ts';

let lab: Lab;
let importer: Importer;
beforeAll(async () => {
  lab = await openLab({ chunkUsers: 2 });
  importer = await openImporter(lab, 2);
});
afterAll(async () => {
  await importer.close();
  await lab.close();
});

const people = world({
  users: [{ id: 'ada' }, { id: 'bob' }, { id: 'cy' }, { id: 'dan' }, { id: 'eve' }],
  deleted: ['old'],
  members: [
    ['ada', 'learner', 'g-1'],
    ['bob', 'learner', 'g-1'],
    ['bob', 'learner', 'g-2'],
    ['cy', 'learner', 'g-2'],
    ['lea', 'admin', 'g-1'],
  ],
  courses: [
    { id: 'c-1', mainAuthor: owner },
    { id: 'c-2', mainAuthor: owner },
  ],
  paths: [{ id: 'p-1', mainAuthor: owner }],
  registrations: [
    { user: 'ada', activity: 'c-1' },
    { user: 'ada', activity: 'p-1' },
    { user: 'bob', activity: 'c-1', access: false },
    { user: 'bob', activity: 'c-2', access: false, listedAs: 'completed' },
    { user: 'old', activity: 'c-1' },
  ],
});
const email = (id: string): string => `${id}@example.org`;
const asked = { requestedBy: admin, maxShare: 1 };

async function reportOf(action: 'delete-users' | 'remove-from-group', ids: readonly string[], by?: string) {
  const group = action === 'remove-from-group' ? { group: 'g-1' } : {};
  const template = await importer.template({ action, ...group });
  return importer.checkRows(
    template,
    ids.map((id) => [email(id)]),
    by,
  );
}

describe('a template', () => {
  it('I-01 I-03 is made for the activities that are chosen, each once', async () => {
    await lab.load(people);
    const made = await importer.make({ action: 'Unregister users', activities: ['c-1', 'p-1', 'c-1'] });
    expect(made).toMatchObject({
      marker: { action: 'unenrol-users', includePrivateSubgroups: false },
      activities: [{ id: 'c-1' }, { id: 'p-1' }],
    });
    const report = await importer.checkRows(made.xlsx, [[email('ada'), 'x', 'x']]);
    expect(report).toMatchObject({ activities: ['c-1', 'p-1'], will: { users: 1, registrations: 2 } });
  });

  it.each([
    ['InvalidInput', { action: 'fire' }, 'action: fire is none of unenrol-users'],
    ['InvalidInput', { action: 'unenrol-users' }, 'activity: unenrol-users needs at least one'],
    ['InvalidInput', { action: 'deleteUsers', activities: ['c-1'] }, 'activity: delete-users takes none'],
    ['InvalidInput', { action: 'removeFromGroup' }, 'group: remove-from-group needs one'],
    ['InvalidInput', { action: 'delete-users', group: 'g-1' }, 'group: delete-users takes none'],
    ['NotFound', { action: 'remove-from-group', group: 'g-9' }, 'group: there is no group g-9'],
    [
      'NotFound',
      { action: 'unenrol-users', activities: ['c-9'] },
      'activity: there is no course or path c-9',
    ],
    [
      'InvalidInput',
      { action: 'unenrol-users', activities: Array.from({ length: 201 }, (_, i) => `c-${i}`) },
      'activity: at most 200 to a template',
    ],
  ])('I-01 is refused with %s for %j', async (type, request, message) => {
    await lab.load(people);
    const refused = await importer.make(request).catch((error: unknown) => error);
    expect(refused).toMatchObject({ type, message: expect.stringContaining(message) });
  });
});

describe('the final check', () => {
  it('I-06 says who will be deleted, who cannot be and why, and which lines cannot be imported; nothing changes', async () => {
    await lab.load(people);
    const before = await lab.dump();
    const report = await reportOf('delete-users', [
      'ada',
      'nobody',
      'old',
      owner,
      'bob',
      'ada',
      'no at sign',
    ]);
    expect(report).toMatchObject({
      ...{ action: 'delete-users', group: null, file: 'people.xlsx', sheet: 'Import', activities: [] },
      will: { users: 2, registrations: null },
      cannot: { count: 2 },
      problems: { count: 3 },
    });
    expect(report.cannot.first).toEqual([
      {
        row: 4,
        column: null,
        ref: email('old'),
        user: 'old',
        activity: null,
        type: 'unchanged',
        message: 'is deleted already',
      },
      expect.objectContaining({ row: 5, user: owner, type: 'PlatformOwnerProtected' }),
    ]);
    expect(report.problems.first).toEqual([
      { sheet: 'Import', row: 3, column: 'A', message: 'there is no user with this email' },
      { sheet: 'Import', row: 7, column: 'A', message: 'is the same user as in line 2' },
      { sheet: 'Import', row: 8, column: 'A', message: expect.stringContaining('space') },
    ]);
    expect(await lab.dump()).toEqual(before);
  });

  it('I-06 judges a removal from a group by its rules', async () => {
    await lab.load(people);
    const report = await reportOf('remove-from-group', ['bob', 'cy', 'old']);
    expect(report).toMatchObject({ group: 'g-1', will: { users: 1 } });
    expect(report.cannot.first).toMatchObject([
      { row: 3, user: 'cy', type: 'unchanged', message: 'is in none of the groups in question' },
      { row: 4, user: 'old', type: 'unchanged', message: 'is deleted already' },
    ]);
  });

  it('I-06 looks at the rights of whoever it is made for', async () => {
    await lab.load(people);
    const report = await reportOf('delete-users', ['ada', 'bob'], 'lea');
    expect(report.will.users).toBe(1);
    expect(report.cannot.first).toMatchObject([{ row: 3, user: 'bob', type: 'NotAuthorized' }]);
    await expect(reportOf('remove-from-group', ['bob'], 'eve')).rejects.toMatchObject({
      type: 'NotAuthorized',
    });
  });

  it('I-06 R-04 says which registrations can be unenrolled, and why the others cannot', async () => {
    await lab.load(people);
    const activities = ['c-1', 'c-2', 'p-1'].map((id) => ({ id, title: id }));
    const template = await importer.template({ action: 'unenrol-users' }, activities);
    const rows = [
      [email('ada'), 'x', '', 'x'],
      [email('bob'), 'x', 'x'],
      [email('old'), 'x'],
      [email('cy'), '', '', 'x'],
      [email('nobody'), 'x'],
    ];
    const report = await importer.checkRows(template, rows);
    expect(report.will).toEqual({ users: 2, registrations: 3 });
    const entries = [];
    for (const after of [0, 1, 2, 3]) entries.push(...(await readEntries(lab.sql, report.import, after, 1)));
    expect(entries).toMatchObject([
      { line: 1, checked: 'ada', payload: { activity: 'c-1' }, ref: `${email('ada')} (line 2)` },
      { line: 2, checked: 'ada', payload: { activity: 'p-1' }, ref: `${email('ada')} (line 2)` },
      { line: 3, checked: 'bob', payload: { activity: 'c-1' }, ref: `${email('bob')} (line 3)` },
    ]);
    expect(await countEntries(lab.sql, report.import)).toBe(3);
    expect(report.cannot.first).toMatchObject([
      { row: 3, column: 'C', user: 'bob', activity: 'c-2', type: 'AlreadyUnenrolled' },
      { row: 4, column: 'B', user: 'old', activity: 'c-1', type: 'NotFound' },
      { row: 5, column: 'D', user: 'cy', activity: 'p-1', type: 'NotRegistered' },
    ]);
    expect(report.problems.first).toMatchObject([{ row: 6, column: 'A' }]);
  });

  it("I-06 R-05 a deleted user's registration can be removed, one that is not there cannot", async () => {
    await lab.load(people);
    const template = await importer.template({ action: 'remove-registrations' }, [
      { id: 'c-1', title: 'c-1' },
    ]);
    const report = await importer.checkRows(template, [
      [email('old'), 'x'],
      [email('cy'), 'x'],
    ]);
    expect(report.will).toEqual({ users: 1, registrations: 1 });
    expect(report.cannot.first).toMatchObject([
      { row: 3, user: 'cy', type: 'unchanged', message: 'is not registered' },
    ]);
  });
});

describe('a template that means nothing here', () => {
  it('I-05 was made by another instance', async () => {
    await lab.load(people);
    const other = await importer.template({ action: 'delete-users', instance: 'elsewhere' });
    await expect(importer.checkRows(other, [[email('ada')]])).rejects.toThrow('made by another instance');
  });

  it('I-05 names an activity that is gone', async () => {
    await lab.load(people);
    const activities = [
      { id: 'c-1', title: 'c-1' },
      { id: 'c-9', title: 'gone' },
    ];
    const old = await importer.template({ action: 'unenrol-users' }, activities);
    const refused = await importer.checkRows(old, [[email('ada'), 'x']]).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ImportRefused);
    expect((refused as ImportRefused).problems.first).toEqual([
      {
        ...{ sheet: 'Import', row: 1, column: 'C' },
        message: 'the activity c-9 is gone: delete the column, or make a new template',
      },
    ]);
  });

  it('I-05 names a group that is gone', async () => {
    await lab.load(people);
    const old = await importer.template({ action: 'remove-from-group', group: 'g-9' });
    await expect(importer.checkRows(old, [[email('ada')]])).rejects.toThrow(
      'the group g-9 of the template is gone',
    );
  });

  it('I-05 leaves nothing behind when it is refused', async () => {
    const count = async () =>
      (await lab.sql.query('select count(*)::int as n from lms_lifecycle.stored_list')).rows[0];
    await lab.load(people);
    const before = await count();
    const other = await importer.template({ action: 'delete-users', instance: 'elsewhere' });
    await importer.checkRows(other, [[email('ada')]]).catch(() => undefined);
    expect(await count()).toEqual(before);
  });
});

describe('a started import', () => {
  it('I-07 deletes exactly those that the check has shown, as deleteUsers does', async () => {
    await lab.load(people);
    const before = await lab.dump();
    const report = await reportOf('delete-users', ['ada', owner, 'bob', 'nobody', 'cy']);
    const result = await lab.run('runImport', { import: report.import, ...asked });
    expect(result).toMatchObject({ state: 'done', users: { done: 3, unchanged: 0, attention: 0 } });
    const after = await lab.dump();
    for (const id of ['ada', 'bob', 'cy']) retire(before, id, admin, the(after.users, id).deletedAt);
    expect(after).toEqual(before);
    const operation = await findOperation(lab.sql, result.operation);
    expect(operation).toMatchObject({ kind: 'deleteUsers', import: report.import, requestedBy: admin });
  });

  it('I-07 removes from the group of the template', async () => {
    await lab.load(people);
    const report = await reportOf('remove-from-group', ['bob', 'cy']);
    const result = await lab.run('runImport', { import: report.import, ...asked });
    expect(result).toMatchObject({ state: 'done', counts: { 'membership.remove': 1 }, users: { done: 1 } });
    const { memberships } = await lab.dump();
    expect(memberships.filter(({ user }) => user === 'bob').map(({ group }) => group)).toEqual(['g-2']);
  });

  it('I-07 reports, and does not force, what was fine at the check and no longer is', async () => {
    await lab.load(people);
    const report = await reportOf('delete-users', ['ada', 'bob', 'cy', 'dan', 'eve']);
    expect(report.will.users).toBe(5);
    // Ada's email comes to somebody else, nobody has Bob's any more, Cy owns the platform, and Dan is deleted by somebody else.
    await lab.sql.query(`update lms.account set email = 'ada-old@example.org' where id = 'ada'`);
    await lab.sql.query(`update lms.account set email = 'ada@example.org' where id = 'lea'`);
    await lab.sql.query(`update lms.account set email = 'bob-new@example.org' where id = 'bob'`);
    await lab.sql.query(`update lms.platform set owner_id = 'cy'`);
    await lab.run('deleteUser', { user: 'dan', requestedBy: admin });
    const before = await lab.dump();
    const result = await lab.run('runImport', { import: report.import, ...asked });
    expect(result).toMatchObject({
      state: 'done',
      users: { done: 1, unchanged: 1, attention: 3 },
      attention: [
        {
          line: 2,
          type: 'PlanChanged',
          message: 'the line named user ada when it was checked, and names user lea now',
        },
        { line: 3, type: 'NotFound' },
        { line: 4, type: 'PlatformOwnerProtected' },
      ],
    });
    const after = await lab.dump();
    retire(before, 'eve', admin, the(after.users, 'eve').deletedAt);
    expect(after).toEqual(before);
  });

  it('I-07 can be previewed first, and bound to what the preview shows', async () => {
    await lab.load(people);
    const before = await lab.dump();
    const report = await reportOf('delete-users', ['ada']);
    const input = { import: report.import, ...asked };
    const preview = await lab.run('runImport', { ...input, mode: 'preview' });
    expect(preview).toMatchObject({ state: 'previewed', users: { done: 1 } });
    expect(await lab.dump()).toEqual(before);
    const result = await lab.run('runImport', { ...input, planHash: preview.planHash });
    expect(result).toMatchObject({ state: 'done', planHash: preview.planHash });
  });

  it('I-07 X-08 is undone as what it was', async () => {
    await lab.load(people);
    const before = await lab.dump();
    const report = await reportOf('remove-from-group', ['ada', 'bob']);
    const result = await lab.run('runImport', { import: report.import, ...asked });
    await lab.run('undoOperation', { operation: result.operation, requestedBy: admin, maxShare: 1 });
    expect(await lab.dump()).toEqual(before);
  });

  it('I-07 is run once', async () => {
    await lab.load(people);
    const report = await reportOf('delete-users', ['ada']);
    const input = { import: report.import, ...asked };
    const running = await lab.start('runImport', { ...input, approval: 'required' });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    const meanwhile = await failureOf(lab.run('runImport', input), 'OperationInProgress');
    expect(meanwhile.message).toContain('check the file again');
    await running.update('approve', { by: admin, planHash });
    await running.result();
    const again = await failureOf(lab.run('runImport', input), 'InvalidInput');
    expect(again.message).toContain('check the file again');
  });

  it('I-07 can be started again when it was rejected before its first change', async () => {
    await lab.load(people);
    const report = await reportOf('delete-users', ['ada']);
    const input = { import: report.import, ...asked };
    const running = await lab.start('runImport', { ...input, approval: 'required' });
    await untilState(running, 'waiting-for-approval');
    await running.update('reject', { by: admin, reason: 'not today' });
    await failureOf(running.result(), 'ApprovalRejected');
    expect(await lab.run('runImport', input)).toMatchObject({ state: 'done', users: { done: 1 } });
  });

  it("X-10 no email of it enters a workflow's history", async () => {
    await lab.load(people);
    const report = await reportOf('delete-users', ['ada']);
    const running = await lab.start('runImport', { import: report.import, ...asked });
    await running.result();
    expect(await historyText(lab.client, running.workflowId)).not.toContain('@example.org');
  });

  it.each([
    ['NotFound', { import: 'no-such-import' }, 'there is no such import'],
    ['InvalidInput', {}, 'import: is missing'],
    ['InvalidInput', { import: ' ' }, 'import'],
    ['InvalidInput', { import: 'i', users: ['ada'] }, 'users'],
  ])('X-16 is refused with %s for %o', async (type, input, message) => {
    await lab.load(people);
    const failure = await failureOf(lab.run('runImport', { ...input, ...asked }), type);
    expect(failure.message).toContain(message);
  });

  it('I-07 without a line that can be imported there is nothing to start', async () => {
    await lab.load(people);
    const report = await reportOf('delete-users', ['nobody']);
    const failure = await failureOf(
      lab.run('runImport', { import: report.import, ...asked }),
      'InvalidInput',
    );
    expect(failure.message).toContain('let in no line');
  });

  it('I-07 R-01 unenrols from the activities that are marked, and from no other', async () => {
    await lab.load(people);
    const before = await lab.dump();
    const activities = ['c-1', 'c-2', 'p-1'].map((id) => ({ id, title: id }));
    const template = await importer.template({ action: 'unenrol-users' }, activities);
    const rows = [
      [email('ada'), 'x'],
      [email('bob'), 'x', 'x'],
    ];
    const report = await importer.checkRows(template, rows);
    const result = await lab.run('runImport', { import: report.import, ...asked });
    expect(result).toMatchObject({
      state: 'done',
      counts: { 'registration.unenrol': 2 },
      users: { done: 2, attention: 0 },
    });
    for (const [user, activity] of [
      ['ada', 'c-1'],
      ['bob', 'c-1'],
    ]) {
      const row = before.registrations.find((found) => found.user === user && found.activity === activity);
      Object.assign(row ?? {}, { access: false, listedAs: 'completed' });
    }
    expect(await lab.dump()).toEqual(before);
  });

  it('I-07 R-04 reports the registrations that were fine at the check and no longer are', async () => {
    await lab.load(people);
    const activities = ['c-1', 'p-1'].map((id) => ({ id, title: id }));
    const template = await importer.template({ action: 'unenrol-users' }, activities);
    const report = await importer.checkRows(template, [
      [email('ada'), 'x', 'x'],
      [email('bob'), 'x'],
    ]);
    const registrations = [{ user: 'ada', activity: 'p-1' }];
    await lab.run('unenrolUsers', { registrations, ...asked });
    await lab.sql.query(`delete from lms.registration where user_id = 'bob' and activity_id = 'c-1'`);
    const result = await lab.run('runImport', { import: report.import, ...asked });
    expect(result).toMatchObject({
      counts: { 'registration.unenrol': 1 },
      users: { done: 1, attention: 2 },
      attention: [
        { line: 2, user: 'ada', type: 'AlreadyUnenrolled' },
        { line: 3, user: 'bob', type: 'NotRegistered' },
      ],
    });
  });

  it('I-07 R-03 removes registrations for good, and waits for approval', async () => {
    await lab.load(people);
    const before = await lab.dump();
    const template = await importer.template({ action: 'remove-registrations' }, [
      { id: 'c-1', title: 'c-1' },
    ]);
    const report = await importer.checkRows(template, [
      [email('ada'), 'x'],
      [email('old'), 'x'],
    ]);
    const running = await lab.start('runImport', { import: report.import, ...asked });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    await running.update('approve', { by: admin, planHash });
    expect(await running.result()).toMatchObject({
      counts: { 'registration.remove': 2 },
      users: { done: 2 },
    });
    const gone = (row: { user: string; activity: string }) =>
      row.activity === 'c-1' && ['ada', 'old'].includes(row.user);
    before.registrations = before.registrations.filter((row) => !gone(row));
    expect(await lab.dump()).toEqual(before);
  });
});
