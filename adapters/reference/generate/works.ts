import type { WorldRow } from '../../../contracts/world.ts';
import { courseId } from './content.ts';
import type { Content } from './content.ts';
import { userId } from './people.ts';
import type { People } from './people.ts';
import type { Plan } from './plan.ts';
import { activityKinds, itemKinds, subjects } from './words.ts';

/** What people made besides courses and paths. */
export class Works {
  readonly #plan: Plan;
  readonly #people: People;
  readonly #content: Content;

  constructor(plan: Plan, people: People, content: Content) {
    this.#plan = plan;
    this.#people = people;
    this.#content = content;
  }

  /** A course's activities belong to its author, or to who copied them. */
  *activities(): Iterable<WorldRow<'activities'>> {
    const stream = this.#plan.stream('activity');
    for (let course = 0; course < this.#plan.courses; course++) {
      const random = stream(course);
      const { mainAuthor, title } = this.#content.course(course);
      for (let n = random.between(0, 3); n > 0; n--) {
        const owner = random.chance(0.85) ? mainAuthor : userId(this.#people.busy(random));
        const kind = random.pick(activityKinds);
        yield {
          id: `a-${course + 1}-${n}`,
          course: courseId(course),
          kind,
          title: `${title}: ${kind} ${n}`,
          owner,
        };
      }
    }
  }

  /** Whatever else people made, also people who are gone. */
  *items(): Iterable<WorldRow<'items'>> {
    const stream = this.#plan.stream('item');
    for (let item = 0; item < this.#plan.users / 8; item++) {
      const random = stream(item);
      const author = userId(random.chance(0.5) ? this.#people.busy(random) : random.below(this.#plan.users));
      yield {
        id: `i-${item + 1}`,
        kind: random.pick(itemKinds),
        author,
        title: `About ${random.pick(subjects)}`,
      };
    }
  }
}
