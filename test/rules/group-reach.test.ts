import { describe, expect, it } from 'vitest';
import { groupTree, reaches } from '../../rules/group-reach.ts';

const tree = groupTree([
  { id: 'root', parent: null, visibility: 'private' },
  { id: 'open', parent: 'root', visibility: 'public' },
  { id: 'open-below', parent: 'open', visibility: 'public' },
  { id: 'closed', parent: 'root', visibility: 'private' },
  { id: 'open-below-closed', parent: 'closed', visibility: 'public' },
]);

const publicly = (group: string) => ({ group, includePrivateSubgroups: false });

describe('what a removal reaches without private subgroups', () => {
  it.each([
    ['root', 'root', true],
    ['root', 'open', true],
    ['root', 'open-below', true],
    ['root', 'closed', false],
    ['root', 'open-below-closed', false],
    ['closed', 'closed', true],
    ['closed', 'open-below-closed', true],
    ['open', 'closed', false],
  ])('G-05 from %s, %s: %s', (top, group, reached) => {
    expect(reaches(tree, publicly(top), group)).toBe(reached);
  });

  it.each([
    ['root', 'closed', true],
    ['root', 'open-below-closed', true],
    ['closed', 'open-below-closed', true],
    ['open', 'closed', false],
  ])('G-04 from %s with private subgroups, %s: %s', (top, group, reached) => {
    expect(reaches(tree, { group: top, includePrivateSubgroups: true }, group)).toBe(reached);
  });

  it('X-12 refuses to decide on a tree with a hole', () => {
    expect(() => reaches(tree, publicly('root'), 'unknown')).toThrow('incomplete');
  });
});
