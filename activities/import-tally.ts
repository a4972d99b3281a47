import type { Verdicts } from './import-verdicts.ts';
import { namesActivities } from '../contracts/imports.ts';
import type { Bounded, ImportReport, ParsedImport, RefusedLine, SheetProblem } from '../contracts/imports.ts';
import { BoundedList } from '../imports/bounded-list.ts';
import type { StoredEntry } from '../ledger/lists.ts';

/** What a part of an import comes to. */
export interface CheckedPart extends Verdicts {
  problems: SheetProblem[];
}

/** Adds up what a check finds. */
export class ImportTally {
  readonly #problems = new BoundedList<SheetProblem>();
  readonly #cannot = new BoundedList<RefusedLine>();
  readonly #byRegistration: boolean;
  #users = 0;
  #lines = 0;

  constructor({ marker, problems }: ParsedImport) {
    this.#byRegistration = namesActivities(marker.action);
    for (const problem of problems.first) this.#problems.add(problem);
    this.#problems.count = problems.count;
  }

  /**
   * The entries of the list that will be run. Where a line of the sheet is one entry it keeps its number; of registrations
   * there are several to a line, and they are numbered on.
   */
  async *entriesOf(parts: AsyncIterable<CheckedPart>): AsyncGenerator<StoredEntry, void, undefined> {
    for await (const { will, cannot, problems } of parts) {
      for (const problem of problems) this.#problems.add(problem);
      for (const line of cannot) this.#cannot.add(line);
      for (const { person, activities } of will) {
        const { row, email } = person.row;
        const who = { email, checked: person.user };
        const first = this.#lines + 1;
        this.#users++;
        this.#lines += activities?.length ?? 1;
        if (activities === null) yield { ...who, line: row, ref: email };
        else yield { ...who, line: first, ref: `${email} (line ${row})`, activities };
      }
    }
  }

  get result(): Pick<ImportReport, 'will' | 'cannot' | 'problems'> {
    const { count, first } = this.#problems;
    const inOrder = first.toSorted((a, b) => (a.row ?? 0) - (b.row ?? 0));
    return {
      will: { users: this.#users, registrations: this.#byRegistration ? this.#lines : null },
      cannot: bounded(this.#cannot),
      problems: { count, first: inOrder },
    };
  }
}

function bounded<T>({ count, first }: Bounded<T>): Bounded<T> {
  return { count, first };
}
