import type { World, WorldRow } from '../../../contracts/world.ts';
import type { Range } from './group-tree.ts';
import { groupId } from './group-tree.ts';
import { instantBetween } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Random, Stream } from './random.ts';
import type { Shape } from './shapes.ts';
import { firstNames, lastNames } from './words.ts';

const deletedShare = 0.04;
const groupless = 0.01;

/** A profile as the smart groups see it; who is in no group at all has an empty one. */
export type Profile = Readonly<Partial<Record<'country' | 'job', string>>>;

/** Everybody, each from their number alone. User 0 owns the platform. */
export class People {
  readonly count: number;
  readonly #plan: Plan;
  readonly #user: Stream;
  readonly #fate: Stream;
  readonly #profile: Stream;

  constructor(plan: Plan) {
    this.count = plan.users;
    this.#plan = plan;
    this.#user = plan.stream('user');
    this.#fate = plan.stream('fate');
    this.#profile = plan.stream('profile');
  }

  isDeleted(user: number): boolean {
    return user > 0 && this.#fate(user).chance(deletedShare);
  }

  /** Whether this user was never put into a group by hand, nor by a rule. */
  isGroupless(user: number): boolean {
    return this.#profile(user).chance(groupless);
  }

  /** The first living user from this one on, starting over at the end. */
  livingFrom(user: number): number {
    let living = user % this.count;
    while (this.isDeleted(living)) living = (living + 1) % this.count;
    return living;
  }

  /** One of the few who do much: the first of them the most. */
  busy(random: Random): number {
    const some = 3 + Math.floor(this.count / 60);
    return this.livingFrom(random.skewedBelow(some) * 61 + 1);
  }

  /** A living user of this range, or one of the busy where it is empty. */
  livingIn({ first, end }: Range, random: Random): number {
    const user = first === end ? this.count : this.livingFrom(first + random.below(end - first));
    return user < end ? user : this.busy(random);
  }

  profile(user: number): Profile {
    const random = this.#profile(user);
    const { countries, jobs } = this.#plan.shape;
    if (random.chance(groupless)) return {};
    const country = random.chance(0.7) ? countries[0] : random.pick(countries);
    return random.chance(0.05) ? { country } : { country, job: random.pick(jobs) };
  }

  row(user: number): WorldRow<'users'> {
    const random = this.#user(user);
    const deleted = this.isDeleted(user);
    // Some of the deleted came back, under another account with their old email.
    const emailOf = deleted && random.chance(0.1) ? this.livingFrom(user) : user;
    return {
      id: userId(user),
      email: `u${emailOf + 1}@example.org`,
      name: `${random.pick(firstNames)} ${random.pick(lastNames)}`,
      status: deleted ? 'deleted' : 'active',
      ...(deleted
        ? deletion(random, this.#plan.shape)
        : { ...undeleted, deletionScheduledOn: user > 0 ? leaving(random) : null }),
      profile: { ...this.profile(user) },
      loginSessions: deleted ? 0 : random.skewedBelow(4),
    };
  }
}

export function userId(user: number): string {
  return `u-${user + 1}`;
}

export function platformRow(plan: Plan): World['platform'] {
  const { timeZone, seatsPerUser } = plan.shape;
  const seats = seatsPerUser === null ? null : Math.ceil(plan.users * seatsPerUser) + 5;
  return { timeZone, owner: userId(0), rootGroup: groupId(0), seats };
}

type Deletion = Pick<WorldRow<'users'>, 'deletedAt' | 'deletionKind' | 'deletedBy' | 'deletionScheduledOn'>;

const undeleted = { deletedAt: null, deletionKind: null, deletedBy: null };

/** By the owner's hand, or by the system when the day began in the platform's time zone. */
function deletion(random: Random, { winterOffsetHours }: Shape): Deletion {
  if (random.chance(0.6)) {
    const deletedAt = instantBetween(random, 2025, 2025);
    return { deletedAt, deletionKind: 'manual', deletedBy: userId(0), deletionScheduledOn: null };
  }
  const midnight = new Date(Date.UTC(2026, 0, random.between(2, 50)));
  const deletionScheduledOn = midnight.toISOString().slice(0, 10);
  midnight.setUTCHours(-winterOffsetHours);
  const deletedAt = midnight.toISOString().replace('.000', '');
  return { deletedAt, deletionKind: 'automatic', deletedBy: 'system', deletionScheduledOn };
}

/** Some have a day on which they will leave. */
function leaving(random: Random): string | null {
  return random.chance(0.02) ? instantBetween(random, 2031, 2033).slice(0, 10) : null;
}
