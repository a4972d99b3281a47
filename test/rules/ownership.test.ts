import { describe, expect, it } from 'vitest';
import { textOf } from '../../contracts/changes.ts';
import type { CoHolderFact, DeletionFacts, GroupAdminFact, OwnedItemFact } from '../../contracts/facts.ts';
import { planTransfers } from '../../rules/ownership.ts';

const course: OwnedItemFact = {
  type: 'course',
  id: 'c-1',
  main: { user: 'ada', living: true },
  coHolders: [],
  ownerGroup: 'g-sub',
  path: null,
};
const path: OwnedItemFact = { ...course, type: 'path', id: 'p-1' };
const session: OwnedItemFact = { ...course, type: 'session', id: 's-1', ownerGroup: null, path: 'p-1' };

function co(user: string, position: number, living = true): CoHolderFact {
  return { user, position, living };
}

function admin(user: string, group: string, since = 0, living = true): GroupAdminFact {
  return { user, group, since, living };
}

function facts(owned: OwnedItemFact[], groupAdmins: GroupAdminFact[] = []): DeletionFacts {
  return {
    platform: { owner: 'owner', rootGroup: 'g-root', timeZone: 'UTC' },
    users: [],
    groups: [
      { id: 'g-root', parent: null, visibility: 'public' },
      { id: 'g-mid', parent: 'g-root', visibility: 'public' },
      { id: 'g-sub', parent: 'g-mid', visibility: 'private' },
    ],
    owned,
    coRoles: [],
    participations: [],
    attendances: [],
    groupAdmins,
  };
}

function successors(given: DeletionFacts, deleted = ['ada'], leaving = deleted): Record<string, unknown> {
  const transfers = planTransfers(given, new Set(deleted), new Set(leaving));
  return Object.fromEntries(transfers.map(({ item, after }) => [textOf(item, 'id'), after?.['main']]));
}

describe('who follows', () => {
  const coAuthors = [co('bob', 2), co('cem', 1), co('dee', 3)];
  it.each([
    ['D-05 the first co-author by position', coAuthors, [admin('gus', 'g-sub')], [], 'cem'],
    ['D-13 not one who is being deleted in another chunk', coAuthors, [], ['cem'], 'bob'],
    ['D-13 not one who was deleted earlier', [co('old', 1, false), co('bob', 2)], [], [], 'bob'],
    ['D-06 an admin of the owner group', [], [admin('gus', 'g-sub'), admin('mia', 'g-mid')], [], 'gus'],
    ['D-06 the oldest of several', [], [admin('new', 'g-sub', 2), admin('gus', 'g-sub', 1)], [], 'gus'],
    ['D-06 the lowest id of equally old ones', [], [admin('b', 'g-sub'), admin('B', 'g-sub')], [], 'B'],
    [
      'D-06 the lowest id by code point',
      [],
      [admin('\u{1F600}', 'g-sub'), admin('\uFFFD', 'g-sub')],
      [],
      '\uFFFD',
    ],
    ['D-07 an admin of the parent group', [], [admin('mia', 'g-mid'), admin('top', 'g-root')], [], 'mia'],
    [
      'D-07 the parent when every admin is leaving',
      [],
      [admin('gus', 'g-sub'), admin('mia', 'g-mid')],
      ['gus'],
      'mia',
    ],
    ['D-08 not the parent of the parent', [], [admin('top', 'g-root')], [], 'owner'],
    ['D-08 the platform owner', [], [], [], 'owner'],
  ])('%s', (_, coHolders, admins, leaving, expected) => {
    const given = facts(
      [
        { ...course, coHolders },
        { ...path, coHolders },
      ],
      admins,
    );
    expect(successors(given, ['ada'], ['ada', ...leaving])).toEqual({ 'c-1': expected, 'p-1': expected });
  });

  it('D-13 hands over only what a user of this operation holds', () => {
    const old = { ...course, main: { user: 'old', living: false } };
    expect(successors(facts([old]))).toEqual({});
  });
});

describe('who instructs', () => {
  it('D-10 the first co-instructor who may follow', () => {
    const given = facts([{ ...session, coHolders: [co('cem', 1), co('bob', 2)] }, path]);
    expect(successors(given, ['ada'], ['ada', 'cem'])).toMatchObject({ 's-1': 'bob' });
  });

  it("D-10 else the path's main author", () => {
    const given = facts([session, { ...path, main: { user: 'pia', living: true } }]);
    expect(successors(given)).toEqual({ 's-1': 'pia' });
  });

  it('D-10 as that stands after D-09, when the author goes too, in whichever chunk', () => {
    const author = { ...path, main: { user: 'pia', living: true }, coHolders: [co('quin', 1)] };
    expect(successors(facts([session, author]), ['ada'], ['ada', 'pia'])).toEqual({ 's-1': 'quin' });
  });

  it('D-10 refuses to guess when the path is not among the facts', () => {
    expect(() => successors(facts([session]))).toThrow('the facts are incomplete');
  });
});

describe('why', () => {
  it('X-13 names the rung that was taken, and why each before it failed', () => {
    const given = facts([{ ...course, coHolders: [co('old', 1, false)] }], [admin('mia', 'g-mid')]);
    const [transfer] = planTransfers(given, new Set(['ada']), new Set(['ada']));
    expect(transfer?.reason).toEqual({
      rule: 'D-07',
      because: 'oldest admin of g-mid, the parent of the owner group',
      failed: [
        { rule: 'D-05', because: 'every co-author is deleted or being deleted (D-13): old' },
        { rule: 'D-06', because: 'owner group g-sub: no admin' },
      ],
    });
  });
});
