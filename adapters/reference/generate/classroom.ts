import type { WorldRow } from '../../../contracts/world.ts';
import { pathId } from './content.ts';
import type { Content } from './content.ts';
import { groupId } from './group-tree.ts';
import type { Memberships } from './memberships.ts';
import { userId } from './people.ts';
import type { People } from './people.ts';
import type { Plan } from './plan.ts';
import type { Random, Stream } from './random.ts';

const largestAudience = 400;

/** A session, and whom its slots are for. */
interface Session {
  row: WorldRow<'pathSessions'>;
  /** By number. */
  participants: number[];
  /** The group that a dynamic audience is, whose users of old may be in slots that have begun. */
  audience: number | null;
}

/** Path sessions with a dynamic or a static audience, and slots of 2025 and of 2031. */
export class Classroom {
  readonly #plan: Plan;
  readonly #people: People;
  readonly #memberships: Memberships;
  readonly #content: Content;
  readonly #session: Stream;
  readonly #slot: Stream;

  constructor(plan: Plan, people: People, memberships: Memberships, content: Content) {
    this.#plan = plan;
    this.#people = people;
    this.#memberships = memberships;
    this.#content = content;
    this.#session = plan.stream('session');
    this.#slot = plan.stream('slot');
  }

  *pathSessions(): Iterable<WorldRow<'pathSessions'>> {
    for (const { row } of this.#sessions()) yield row;
  }

  *slots(): Iterable<WorldRow<'slots'>> {
    let number = 0;
    for (const session of this.#sessions()) {
      const random = this.#slot(number++);
      const [past, upcoming] = [random.between(0, 3), random.between(0, 2)];
      for (let n = 0; n < past + upcoming; n++)
        yield this.#slotOf(session, n, n < past ? 2025 : 2031, random);
    }
  }

  *#sessions(): Iterable<Session> {
    for (let path = 0; path < this.#plan.paths; path++) {
      const random = this.#session(path);
      const count = random.pick([0, 0, 1, 1, 2, 3]);
      for (let n = 0; n < count; n++) yield this.#sessionOf(path, n, random);
    }
  }

  #sessionOf(path: number, n: number, random: Random): Session {
    const [mainInstructor, coInstructors] = this.#content.holders(this.#content.ownerGroupOf(path), random);
    const audience = random.chance(0.5) ? this.#audience(random) : null;
    const participants =
      audience === null ? this.#anybody(random) : [...this.#memberships.membersAtHome(audience)];
    const row: Session['row'] = {
      id: `s-${path + 1}-${n + 1}`,
      path: pathId(path),
      audience: audience === null ? 'static' : 'dynamic',
      audienceGroups: [groupId(audience ?? random.below(this.#plan.tree.homes))],
      mainInstructor,
      coInstructors,
      participants: participants.map(userId),
    };
    return { row, participants, audience };
  }

  /** A home of some users, though not of too many for a classroom. */
  #audience(random: Random): number {
    const { tree } = this.#plan;
    const start = random.below(tree.homes);
    for (let n = 0; n < tree.homes; n++) {
      const { first, end } = tree.usersOf((start + n) % tree.homes);
      if (end > first && end - first <= largestAudience) return (start + n) % tree.homes;
    }
    return start;
  }

  /** People from everywhere; those who have been deleted since keep their place. */
  #anybody(random: Random): number[] {
    const count = Math.min(random.between(3, 40), this.#plan.users);
    return [...new Set(Array.from({ length: count }, () => random.below(this.#plan.users)))];
  }

  #slotOf(
    { row, participants, audience }: Session,
    n: number,
    year: number,
    random: Random,
  ): WorldRow<'slots'> {
    const day = `${year}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`;
    const hour = random.between(7, 16);
    const upcoming = year > 2030;
    const candidates = upcoming
      ? participants.filter((user) => !this.#people.isDeleted(user))
      : [...participants];
    if (!upcoming && audience !== null) candidates.push(...this.#gone(audience));
    const attendees = candidates.filter(() => random.chance(0.5)).slice(0, 60);
    return {
      id: `t-${row.id.slice(2)}-${n + 1}`,
      session: row.id,
      startsAt: `${day}T${two(hour)}:00:00Z`,
      endsAt: `${day}T${two(hour + random.between(1, 3))}:30:00Z`,
      capacity: random.chance(0.6) ? null : attendees.length + random.between(0, 10),
      attendees: attendees.map(userId),
    };
  }

  #gone(group: number): number[] {
    const { first, end } = this.#plan.tree.usersOf(group);
    const users = Array.from({ length: end - first }, (_, i) => first + i);
    return users.filter((user) => this.#people.isDeleted(user));
  }
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
