import type { WorldRow } from '../../../contracts/world.ts';
import type { Stream } from './random.ts';
import type { Shape } from './shapes.ts';

/** A smart group's rule: an attribute of the profile, and the value that it must have. */
interface Smart {
  attribute: 'country' | 'job';
  value: string;
}

/** Users from `first` up to, but not including, `end`. */
export interface Range {
  first: number;
  end: number;
}

/**
 * The groups: a tree in which every user has a home, and below its root the smart groups. A home's users follow one
 * another, so that both its users and a user's home are found without a list of users.
 */
export class GroupTree {
  /** How many groups are homes; the smart ones come after them. */
  readonly homes: number;
  readonly smart: readonly Smart[];
  readonly #shape: Shape;
  readonly #stream: Stream;
  readonly #parents: Int32Array;
  /** The first user of each home, and the end of the last. */
  readonly #firsts: Int32Array;

  constructor(users: number, shape: Shape, stream: Stream) {
    this.#shape = shape;
    this.#stream = stream;
    this.homes = 1 + Math.ceil(users / shape.usersPerGroup);
    // The main country and every other job have none.
    this.smart = [
      ...shape.countries.slice(1).map((value) => ({ attribute: 'country', value }) as const),
      ...shape.jobs.filter((_, i) => i % 2 === 0).map((value) => ({ attribute: 'job', value }) as const),
    ];
    this.#parents = Int32Array.from({ length: this.homes }, (_, i) => this.#chooseParent(i));
    this.#firsts = shareOut(users, this.homes);
  }

  get count(): number {
    return this.homes + this.smart.length;
  }

  /** The group right below the root that a home is in, or the root itself. */
  areaOf(home: number): number {
    let at = home;
    for (let above = this.#parentOf(at); above > 0; above = this.#parentOf(at)) at = above;
    return at;
  }

  usersOf(group: number): Range {
    if (group >= this.homes) return { first: 0, end: 0 };
    return { first: this.#firsts[group] ?? 0, end: this.#firsts[group + 1] ?? 0 };
  }

  homeOf(user: number): number {
    let [low, high] = [0, this.homes - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#firsts[middle] ?? 0) <= user) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  row(group: number): WorldRow<'groups'> {
    const random = this.#stream(group);
    const smart = this.smart[group - this.homes];
    const visibility = random.chance(this.#shape.privateShare) ? 'private' : 'public';
    const id = groupId(group);
    if (smart !== undefined) {
      const smartRule = { '==': [{ var: smart.attribute }, smart.value] };
      return { id, name: `All ${smart.value}`, parent: groupId(0), visibility: 'public', smartRule };
    }
    if (group === 0) return { id, name: 'Everybody', parent: null, visibility: 'public', smartRule: null };
    return {
      id,
      name: this.#nameOf(group),
      parent: groupId(this.#parentOf(group)),
      visibility,
      smartRule: null,
    };
  }

  #nameOf(group: number): string {
    const { areas, teams } = this.#shape;
    if (group <= areas.length) return areas[group - 1] ?? areas[0];
    return `${teams[group % teams.length] ?? teams[0]} ${group}`;
  }

  #parentOf(group: number): number {
    return this.#parents[group] ?? 0;
  }

  /** Early groups have more children than late ones. */
  #chooseParent(group: number): number {
    if (group <= this.#shape.areas.length) return 0;
    const random = this.#stream(-group);
    return random.chance(this.#shape.depth) ? group - random.between(1, 3) : random.skewedBelow(group);
  }
}

export function groupId(group: number): string {
  return `g-${group + 1}`;
}

/** Cuts the users into shares of which few are large and many small, in no order of size. */
function shareOut(users: number, shares: number): Int32Array {
  const weights = Float64Array.from({ length: shares }, (_, i) => 1 / (2 + ((i * 7919) % shares)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const firsts = new Int32Array(shares + 1);
  let before = 0;
  weights.forEach((weight, i) => {
    before += weight;
    firsts[i + 1] = i === shares - 1 ? users : Math.floor((users * before) / total);
  });
  return firsts;
}
