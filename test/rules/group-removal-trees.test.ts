import { describe, expect, it } from 'vitest';
import type { GroupFact, MembershipFact, MembershipRole, PlatformFacts } from '../../contracts/facts.ts';
import { groupTree } from '../../rules/group-reach.ts';
import { endedMemberships } from '../../rules/group-removal.ts';
import { naiveEnded } from '../support/naive-removal.ts';

const maxGroups = 6;
const maxDepth = 4;
const named = 'n0';
const platform: PlatformFacts = { owner: 'owner', rootGroup: 'root', timeZone: 'UTC' };
const roles: MembershipRole[] = ['learner', 'coach', 'author', 'user-admin', 'admin'];

type Visibility = GroupFact['visibility'];

/** A tree as the parents of all groups but the first: `[0, 0, 1]` has two groups below the first, and one below the second. */
type Shape = readonly number[];

/** Where the named group is, as the groups around it. Those beside it hang below its parent. */
interface Placement {
  place: string;
  rootGroup: string;
  parent: string | null;
  around: GroupFact[];
}

function beside(parent: string): GroupFact[] {
  return [
    { id: 'beside-open', parent, visibility: 'public' },
    { id: 'beside-closed', parent, visibility: 'private' },
    { id: 'beside-below', parent: 'beside-open', visibility: 'public' },
  ];
}

const root: GroupFact = { id: 'root', parent: null, visibility: 'public' };

function grandchild(visibility: Visibility): Placement {
  const above: GroupFact = { id: 'above', parent: 'root', visibility };
  const around = [root, above, ...beside('above')];
  return {
    place: `below a ${visibility} child of the platform group`,
    rootGroup: 'root',
    parent: 'above',
    around,
  };
}

const placements: Placement[] = [
  { place: 'as the platform group itself', rootGroup: named, parent: null, around: [] },
  {
    place: 'as a child of the platform group',
    rootGroup: 'root',
    parent: 'root',
    around: [root, ...beside('root')],
  },
  grandchild('public'),
  grandchild('private'),
];

/** All trees that differ whatever the order of siblings: each grows from a smaller one by a leaf. */
function allShapes(): Shape[] {
  let latest: Shape[] = [[]];
  const all = [...latest];
  for (let groups = 2; groups <= maxGroups; groups++) {
    const grown = latest.flatMap((shape) => [...shape.keys(), shape.length].map((at) => [...shape, at]));
    const flat = grown.filter((shape) => depthOf(shape) <= maxDepth);
    latest = [...new Map(flat.map((shape) => [signature(shape), shape])).values()];
    all.push(...latest);
  }
  return all;
}

/** The same for trees that only differ in the order of siblings. */
function signature(shape: Shape, group = 0): string {
  const below = shape.flatMap((parent, i) => (parent === group ? [signature(shape, i + 1)] : []));
  return `(${below.sort().join('')})`;
}

function depthOf(shape: Shape): number {
  return Math.max(0, ...shape.map((_, i) => levelOf(shape, i + 1)));
}

/** How far below the first group of its tree. */
function levelOf(shape: Shape, group: number): number {
  const parent = shape[group - 1];
  return parent === undefined ? 0 : 1 + levelOf(shape, parent);
}

/** The groups of a shape in a place, for every way to call them public and private. */
function groupsOf(shape: Shape, { parent, around }: Placement): GroupFact[][] {
  const size = shape.length + 1;
  return Array.from({ length: 2 ** size }, (_, bits) => [
    ...around,
    ...Array.from({ length: size }, (_, i): GroupFact => {
      const above = shape[i - 1];
      return {
        id: `n${i}`,
        parent: above === undefined ? parent : `n${above}`,
        visibility: (bits >> i) % 2 === 1 ? 'private' : 'public',
      };
    }),
  ]);
}

const shapes = allShapes();

/** Somebody who holds every role in every group. */
function allRoles(groups: readonly GroupFact[]): MembershipFact[] {
  return groups.flatMap(({ id }) => roles.map((role) => ({ user: 'ada', group: id, role, since: 0 })));
}

type Ended = (memberships: readonly MembershipFact[], includePrivateSubgroups: boolean) => MembershipFact[];
type Check = (ended: Ended, memberships: MembershipFact[], groups: GroupFact[]) => boolean;

/** The trees of a place, as text, for which something does not hold. */
function exceptions(placement: Placement, holds: Check): string[] {
  const trees = shapes.flatMap((shape) => groupsOf(shape, placement));
  const failing = trees.filter((groups) => {
    const tree = groupTree(groups);
    const ended: Ended = (memberships, includePrivateSubgroups) =>
      endedMemberships(memberships, { group: named, includePrivateSubgroups }, tree, {
        ...platform,
        rootGroup: placement.rootGroup,
      });
    return !holds(ended, allRoles(groups), groups);
  });
  return failing.slice(0, 5).map(describeTree);
}

function describeTree(groups: readonly GroupFact[]): string {
  return groups.map(({ id, parent, visibility }) => `${id} (${visibility}) below ${parent}`).join(', ');
}

function textOf(memberships: readonly MembershipFact[]): string {
  return memberships
    .map(({ group, role }) => `${role} in ${group}`)
    .sort()
    .join(', ');
}

function isBelow(group: string): boolean {
  return group.startsWith('n') && group !== named;
}

it('G-05 the trees are all 36 shapes of up to 6 groups that are at most 4 deep', () => {
  const counts = Array.from(
    { length: maxGroups },
    (_, i) => shapes.filter((shape) => shape.length === i).length,
  );
  expect(counts).toEqual([1, 1, 2, 4, 9, 19]);
});

describe.each(placements)('the named group $place', (placement) => {
  const isPlatform = placement.rootGroup === named;

  it.each([
    ['G-05 without private subgroups', false],
    ['G-04 with private subgroups', true],
  ])('%s exactly those memberships end that the rules say', (_, includePrivateSubgroups) => {
    const removal = { group: named, includePrivateSubgroups };
    const asSaid: Check = (ended, memberships, groups) => {
      const expected = naiveEnded(memberships, removal, groups, placement.rootGroup);
      return textOf(ended(memberships, includePrivateSubgroups)) === textOf(expected);
    };
    expect(exceptions(placement, asSaid)).toEqual([]);
  });

  it('G-03 nothing above the named group ends, and nothing beside it', () => {
    const staysThere: Check = (ended, memberships) =>
      [true, false].every((all) => ended(memberships, all).every(({ group }) => group.startsWith('n')));
    expect(exceptions(placement, staysThere)).toEqual([]);
  });

  it('G-04 with private subgroups no subgroup is left out, at whatever depth', () => {
    const endsInAll: Check = (ended, memberships, groups) => {
      const left = new Set(ended(memberships, true).map(({ group }) => group));
      return groups.every(({ id }) => left.has(id) === id.startsWith('n'));
    };
    expect(exceptions(placement, endsInAll)).toEqual([]);
  });

  it('G-05 whether the named group is itself private makes no difference', () => {
    const sameEitherWay: Check = (ended, memberships, groups) => {
      const turned = groups.map((group): GroupFact => {
        if (group.id !== named) return group;
        return { ...group, visibility: group.visibility === 'private' ? 'public' : 'private' };
      });
      const removal = { group: named, includePrivateSubgroups: false };
      const facts = { ...platform, rootGroup: placement.rootGroup };
      const otherwise = endedMemberships(memberships, removal, groupTree(turned), facts);
      return textOf(ended(memberships, false)) === textOf(otherwise);
    };
    expect(exceptions(placement, sameEitherWay)).toEqual([]);
  });

  it('G-05 a group is reached exactly if it is public and its parent is reached', () => {
    const fromParent: Check = (ended, memberships, groups) => {
      const left = new Set(ended(memberships, false).map(({ group }) => group));
      return groups
        .filter(({ id }) => isBelow(id))
        .every(({ id, parent, visibility }) => {
          return left.has(id) === (visibility === 'public' && left.has(parent ?? ''));
        });
    };
    expect(exceptions(placement, fromParent)).toEqual([]);
  });

  it('G-06 in the named group itself every role ends', () => {
    const allEnd: Check = (ended, memberships) =>
      [true, false].every(
        (all) => ended(memberships, all).filter(({ group }) => group === named).length === roles.length,
      );
    expect(exceptions(placement, allEnd)).toEqual([]);
  });

  it(`G-06 below it ${isPlatform ? 'every role ends' : 'the learner role ends and no other'}`, () => {
    const expected = isPlatform ? roles : ['learner'];
    const onlyThose: Check = (ended, memberships, groups) =>
      [true, false].every((all) => {
        const left = ended(memberships, all).filter(({ group }) => isBelow(group));
        return groups.every(({ id }) => {
          const here = left.filter(({ group }) => group === id).map(({ role }) => role);
          return here.length === 0 || here.sort().join() === [...expected].sort().join();
        });
      });
    expect(exceptions(placement, onlyThose)).toEqual([]);
  });

  it('G-06 the same ends below it for somebody who is not in the named group', () => {
    const alike: Check = (ended, memberships) =>
      [true, false].every((all) => {
        const outside = memberships.filter(({ group }) => group !== named);
        const inBoth = ended(memberships, all).filter(({ group }) => group !== named);
        return textOf(ended(outside, all)) === textOf(inBoth);
      });
    expect(exceptions(placement, alike)).toEqual([]);
  });
});
