import { describe, expect, it } from 'vitest';
import { startTexts } from '../../client/start-texts.ts';
import { exampleInputs } from '../../contracts/examples.ts';
import { operationSchemas } from '../../contracts/operations.ts';
import type { OperationKind } from '../../contracts/operations.ts';

const kinds = Object.keys(operationSchemas) as OperationKind[];
const by = { requestedBy: 'u-owner' };

describe('a started operation says in a sentence what it is about', () => {
  it.each<[string, object, string]>([
    ['deleteUser', { user: { id: 'ada' } }, 'Deletes user ada'],
    ['deleteUsers', { users: [{ id: 'ada' }, 'grace'] }, 'Deletes 2 users'],
    ['deleteUsers', { list: 'l-1' }, 'Deletes the users of list l-1'],
    ['removeFromGroup', { users: ['ada'], group: 'g-1' }, 'Removes user ada from group g-1'],
    ['removeCoursesFromGroup', { group: 'g-1', courses: ['c-1', 'c-2'] }, 'Takes 2 courses from group g-1'],
    ['updateProfiles', { profiles: [{ user: { id: 'ada' } }] }, 'Updates the profiles of user ada'],
    ['unenrolUsers', { registrations: [{ user: 'ada', activity: 'c-1' }] }, 'Unenrols user ada'],
    ['undoOperation', { operation: 'op-1' }, 'Takes back operation op-1'],
    ['runReport', { report: 'leavers' }, 'Writes report leavers and mails a link to it'],
  ])('%s %j', (workflow, input, deed) => {
    const { staticSummary, staticDetails } = startTexts(workflow, { ...input, ...by }, 'the command line');
    expect(staticSummary).toBe(`${deed}, by user u-owner, through the command line`);
    expect(staticDetails).toContain(`${deed}.\n\n- asked for by user u-owner, through the command line`);
  });

  it.each(kinds)('%s has a sentence of its own', (kind) => {
    const { staticSummary } = startTexts(kind, exampleInputs[kind], 'the command line');
    expect(staticSummary).toMatch(/^[A-Z][a-z]+ /);
    expect(startTexts(kind, {}, 'the command line').staticSummary).toMatch(
      /^[A-Z][a-z]+ .*, by the system, /,
    );
  });

  it('a preview says that nothing is changed, and limits are told', () => {
    const input = { ...by, user: 'ada', mode: 'preview', maxUsers: 3, restore: ['slots', 'ownership'] };
    const { staticSummary, staticDetails } = startTexts('reinstateUser', input, 'the command line');
    expect(staticSummary).toContain('Brings back user ada (preview: nothing is changed), by user u-owner');
    expect(staticDetails).toContain('- mode: preview\n- maxUsers: 3\n- restore: slots, ownership\n');
  });

  it('X-10 no email gets into it, wherever it was typed', () => {
    const email = 'ada@example.org';
    for (const kind of kinds) {
      const names = [
        'user',
        'group',
        'path',
        'operation',
        'report',
        'import',
        'newOwner',
        'activity',
        'requestedBy',
      ];
      const lists = ['users', 'courses', 'paths', 'profiles', 'registrations', 'restore'];
      const typed = Object.fromEntries([
        ...names.map((name) => [name, email]),
        ...lists.map((name) => [name, [email]]),
        ...['mode', 'cascade', 'reason', 'maxUsers'].map((name) => [name, email]),
      ]) as Record<string, unknown>;
      expect(JSON.stringify(startTexts(kind, typed, 'the command line'))).not.toContain('@');
    }
  });

  it('a workflow that there is not is told by its name', () => {
    expect(startTexts('constructor', by, 'the command line').staticSummary).toMatch(/^constructor, by user/);
  });
});

describe('the example of an input', () => {
  it.each(kinds)('%s is a right one', (kind) => {
    expect(operationSchemas[kind].safeParse(exampleInputs[kind]).error).toBeUndefined();
  });
});
