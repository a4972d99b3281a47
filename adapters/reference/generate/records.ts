import type { WorldRow } from '../../../contracts/world.ts';
import type { Content } from './content.ts';
import type { Memberships } from './memberships.ts';
import { userId } from './people.ts';
import type { People } from './people.ts';
import { instantBetween } from './plan.ts';
import type { Plan } from './plan.ts';
import type { Random, Stream } from './random.ts';

type Registration = WorldRow<'registrations'>;
type HistoryRow = WorldRow<'history'>;

/** What people are registered for and did, each user's from their groups, profile and number. */
export class Records {
  readonly #plan: Plan;
  readonly #people: People;
  readonly #memberships: Memberships;
  readonly #content: Content;
  readonly #registration: Stream;
  readonly #history: Stream;

  constructor(plan: Plan, people: People, memberships: Memberships, content: Content) {
    this.#plan = plan;
    this.#people = people;
    this.#memberships = memberships;
    this.#content = content;
    this.#registration = plan.stream('registration');
    this.#history = plan.stream('history');
  }

  *registrations(): Iterable<Registration> {
    for (let user = 0; user < this.#people.count; user++) yield* this.#registrationsOf(user);
  }

  *history(): Iterable<HistoryRow> {
    for (let user = 0; user < this.#people.count; user++) {
      const random = this.#history(user);
      for (const registration of this.#registrationsOf(user)) yield* historyOf(registration, random);
    }
  }

  *qualifications(): Iterable<WorldRow<'qualifications'>> {
    for (let q = 0; q < this.#plan.qualifications; q++) {
      const job = this.#plan.shape.jobs[q] ?? '';
      const activities = this.#required(q).map((activity) => this.#content.activityId(activity));
      yield {
        id: `q-${q + 1}`,
        name: `Qualified for ${job}`,
        rule: { '==': [{ var: 'job' }, job] },
        activities,
      };
    }
  }

  /** What a qualification requires, as numbers of courses. */
  #required(qualification: number): number[] {
    const { courses } = this.#plan;
    return qualification % 2 === 0
      ? [qualification % courses]
      : [qualification % courses, (qualification + 1) % courses];
  }

  #registrationsOf(user: number): Registration[] {
    const random = this.#registration(user);
    const methods = new Map<number, Registration['method']>();
    this.#byQualification(user, random, methods);
    for (const group of this.#groupsOf(user)) this.#byGroup(group, random, methods);
    if (random.chance(0.2)) this.#byHand(random, methods);
    return [...methods].map(([activity, method]) => {
      const key = { user: userId(user), activity: this.#content.activityId(activity), method };
      return { ...key, ...outcome(random) };
    });
  }

  /** A deleted user is registered as if still at home. */
  #groupsOf(user: number): number[] {
    return this.#people.isDeleted(user)
      ? [this.#plan.tree.homeOf(user)]
      : this.#memberships.learnerGroups(user);
  }

  /** Few of those who need a qualification have no registration yet. */
  #byQualification(user: number, random: Random, methods: Map<number, Registration['method']>): void {
    const job = this.#people.profile(user).job;
    const qualification = job === undefined ? -1 : this.#plan.shape.jobs.indexOf(job);
    if (qualification < 0 || qualification >= this.#plan.qualifications) return;
    for (const activity of this.#required(qualification)) {
      if (random.chance(0.97)) methods.set(activity, 'qualification');
    }
  }

  #byGroup(group: number, random: Random, methods: Map<number, Registration['method']>): void {
    const paths = this.#content.pathsOf(group).map((path) => this.#plan.courses + path);
    for (const activity of [...this.#content.coursesOf(group), ...paths]) {
      if (random.chance(0.4) && !methods.has(activity))
        methods.set(activity, this.#content.enrolmentOf(activity));
    }
  }

  #byHand(random: Random, methods: Map<number, Registration['method']>): void {
    const activity = random.below(this.#plan.courses + this.#plan.paths);
    if (!methods.has(activity)) methods.set(activity, random.pick(['self', 'admin']));
  }
}

/** How far somebody got; some have lost access by de-assigning, fewer by unenrolling. */
function outcome(random: Random): Omit<Registration, 'user' | 'activity' | 'method'> {
  const stage = random.next();
  if (stage < 0.3) {
    const completedAt = instantBetween(random, 2023, 2025);
    return { status: 'completed', access: true, listedAs: 'completed', progress: 1, completedAt };
  }
  const unenrolled = random.chance(0.02);
  const access = !unenrolled && random.chance(0.96);
  const listedAs = unenrolled ? 'completed' : 'current';
  if (stage < 0.65) return { status: 'enrolled', access, listedAs, progress: 0, completedAt: null };
  return {
    status: 'in_progress',
    access,
    listedAs,
    progress: random.between(1, 99) / 100,
    completedAt: null,
  };
}

function* historyOf(
  { user, activity, status, completedAt }: Registration,
  random: Random,
): Iterable<HistoryRow> {
  if (status === 'enrolled' || random.chance(0.4)) return;
  const score = random.between(0, 10);
  yield { user, activity, kind: 'attempt', at: instantBetween(random, 2022, 2022), result: { score } };
  if (completedAt !== null)
    yield { user, activity, kind: 'completion', at: completedAt, result: { passed: true } };
}
