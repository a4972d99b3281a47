import { Refusal } from '../contracts/failures.ts';
import type { Bounded, SheetProblem } from '../contracts/imports.ts';

/** How many problems one message tells. */
const told = 10;

/** A file of which nothing can be imported, as opposed to one with some lines that cannot. */
export class ImportRefused extends Refusal {
  readonly problems: Bounded<SheetProblem>;

  constructor(problems: Bounded<SheetProblem>) {
    const more = problems.count > told ? [`and ${problems.count - told} more`] : [];
    super('InvalidInput', [...problems.first.slice(0, told).map(problemText), ...more].join('; '));
    this.problems = problems;
  }
}

/** A file that is refused as a whole, for one reason. */
export function refuseFile(message: string): ImportRefused {
  return new ImportRefused({ count: 1, first: [{ sheet: null, row: null, column: null, message }] });
}

/** A problem in one line, with its place. */
export function problemText({ sheet, row, column, message }: SheetProblem): string {
  const cell = `${column ?? ''}${row ?? ''}`;
  const place = [sheet === null ? '' : `sheet ${sheet}`, cell].filter((part) => part !== '').join(', ');
  return place === '' ? message : `${place}: ${message}`;
}
