import { describe, expect, it } from 'vitest';
import { groupTree, reachesPublicly } from '../../rules/group-reach.ts';

const tree = groupTree([
  { id: 'root', parent: null, visibility: 'private' },
  { id: 'open', parent: 'root', visibility: 'public' },
  { id: 'open-below', parent: 'open', visibility: 'public' },
  { id: 'closed', parent: 'root', visibility: 'private' },
  { id: 'open-below-closed', parent: 'closed', visibility: 'public' },
]);

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
    expect(reachesPublicly(tree, top, group)).toBe(reached);
  });

  it('X-12 refuses to decide on a tree with a hole', () => {
    expect(() => reachesPublicly(tree, 'root', 'unknown')).toThrow('incomplete');
  });
});
