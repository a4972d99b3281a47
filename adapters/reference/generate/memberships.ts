import type { MembershipRole } from '../../../contracts/facts.ts';
import type { WorldRow } from '../../../contracts/world.ts';
import { groupId } from './group-tree.ts';
import { userId } from './people.ts';
import type { People } from './people.ts';
import { instantBetween } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Random, Stream } from './random.ts';

type Membership = WorldRow<'memberships'>;

/** Who is where: learners as each user has it, the other roles as each group has them. */
export class Memberships {
  readonly #plan: Plan;
  readonly #people: People;
  readonly #learner: Stream;
  readonly #roles: Stream;

  constructor(plan: Plan, people: People) {
    this.#plan = plan;
    this.#people = people;
    this.#learner = plan.stream('learner');
    this.#roles = plan.stream('roles');
  }

  *rows(): Iterable<Membership> {
    for (let user = 0; user < this.#people.count; user++) yield* this.#learnerRows(user);
    for (let group = 0; group < this.#plan.tree.count; group++) yield* this.#roleRows(group);
  }

  /** The groups in which a living user learns: the home, often its area, smart ones, rarely any other. */
  learnerGroups(user: number): number[] {
    if (this.#people.isDeleted(user) || this.#people.isGroupless(user)) return [];
    const { tree } = this.#plan;
    const random = this.#learner(user);
    const home = tree.homeOf(user);
    const groups = new Set([home, ...this.#smartGroups(user)]);
    if (random.chance(0.35)) groups.add(tree.areaOf(home));
    if (random.chance(0.08)) groups.add(random.below(tree.homes));
    return [...groups];
  }

  /** The living users whose home this is, and who are in it. */
  *membersAtHome(group: number): Iterable<number> {
    const { first, end } = this.#plan.tree.usersOf(group);
    for (let user = first; user < end; user++) {
      if (!this.#people.isDeleted(user) && !this.#people.isGroupless(user)) yield user;
    }
  }

  #smartGroups(user: number): number[] {
    const { homes, smart } = this.#plan.tree;
    const profile = this.#people.profile(user);
    return smart.flatMap(({ attribute, value }, i) => (profile[attribute] === value ? [homes + i] : []));
  }

  *#learnerRows(user: number): Iterable<Membership> {
    const random = this.#learner(-user);
    for (const group of this.learnerGroups(user)) yield this.#row(group, user, 'learner', random);
  }

  *#roleRows(group: number): Iterable<Membership> {
    const random = this.#roles(group);
    const { adminShare } = this.#plan.shape;
    if (group === 0) yield this.#row(0, 0, 'admin', random);
    const admins = group === 0 ? 2 : random.chance(adminShare) ? random.between(1, 3) : 0;
    yield* this.#some(group, 'admin', admins, random);
    yield* this.#some(group, 'user-admin', random.chance(0.3) ? random.between(1, 2) : 0, random);
    yield* this.#some(group, 'author', random.chance(0.3) ? random.between(1, 2) : 0, random);
    yield* this.#some(group, 'coach', random.chance(0.2) ? 1 : 0, random);
  }

  /** Most who have a role in a group are at home there; the others have it in many. */
  *#some(group: number, role: MembershipRole, count: number, random: Random): Iterable<Membership> {
    const chosen = new Set<number>(role === 'admin' && group === 0 ? [0] : []);
    for (let i = 0; i < count; i++) {
      const atHome = group > 0 && random.chance(0.6);
      const user = atHome
        ? this.#people.livingIn(this.#plan.tree.usersOf(group), random)
        : this.#people.busy(random);
      if (!chosen.has(user)) yield this.#row(group, user, role, random);
      chosen.add(user);
    }
  }

  #row(group: number, user: number, role: MembershipRole, random: Random): Membership {
    return { group: groupId(group), user: userId(user), role, since: instantBetween(random, 2021, 2024) };
  }
}
