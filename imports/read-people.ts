import type { ImportRow, SheetProblem } from '../contracts/imports.ts';
import { emailProblem, markProblem } from './cell-problems.ts';
import { columnName, parseCellRef } from './cell-ref.ts';
import type { ImportLimits } from './import-limits.ts';
import { ImportRefused } from './import-refused.ts';
import { BoundedList } from './bounded-list.ts';
import type { Layout } from './read-marker.ts';
import { readSheet } from './read-sheet.ts';
import type { SheetCell, SheetRow } from './read-sheet.ts';
import type { Archive } from './xlsx-archive.ts';

/** The lines of the sheet with the people, and the problems of those that cannot be imported. */
export interface People {
  rows: ImportRow[];
  problems: BoundedList<SheetProblem>;
}

/**
 * Reads the people. A line with anything wrong is not imported, the others are; what makes it doubtful which column or
 * line is meant (unknown and hidden columns, merged cells) refuses the whole file.
 *
 * @throws ImportRefused
 */
export async function readPeople(
  archive: Archive,
  layout: Layout,
  strings: readonly string[],
  limits: ImportLimits,
): Promise<People> {
  const reader = new PeopleReader(layout, limits);
  await readSheet(archive, layout.sheet.path, strings, reader);
  return reader.end();
}

class PeopleReader {
  readonly #layout: Layout;
  readonly #limits: ImportLimits;
  readonly #marks: ReadonlyMap<number, number>;
  readonly #rows: ImportRow[] = [];
  readonly #problems = new BoundedList<SheetProblem>();
  /** What refuses the whole file. */
  readonly #fatal = new BoundedList<SheetProblem>();
  readonly #unknown = new Set<number>();
  #lines = 0;

  constructor(layout: Layout, limits: ImportLimits) {
    this.#layout = layout;
    this.#limits = limits;
    this.#marks = new Map(layout.activities.map(({ column }, i) => [column, i]));
  }

  row({ row, hidden, cells }: SheetRow): void {
    const { headerRow, emailColumn } = this.#layout;
    const known = cells.filter((cell) => this.#isKnown(cell));
    if (row <= headerRow) this.#header(row, known);
    if (row <= headerRow || known.length === 0) return;
    if (++this.#lines > this.#limits.rows) throw this.#tooManyRows(row);
    const wrong = known.flatMap((cell) => this.#problemIn(cell));
    if (hidden) wrong.push(this.#at(row, null, 'the line is hidden: show it, or delete it'));
    const email = known.find(({ column }) => column === emailColumn);
    const marks = known.flatMap(({ column }) => this.#marks.get(column) ?? []);
    if (!email) wrong.push(this.#at(row, emailColumn, 'the email is missing'));
    else if (this.#marks.size > 0 && marks.length === 0) {
      wrong.push(this.#at(row, emailColumn, 'no activity is marked with an x'));
    }
    if (wrong.length === 0) this.#rows.push({ row, email: email?.text.trim() ?? '', marks });
    for (const problem of wrong) this.#problems.add(problem);
  }

  merged(range: string): void {
    const place = parseCellRef(range.split(':')[0] ?? '');
    this.#fatal.add(
      this.#at(place?.row ?? null, place?.column ?? null, `merged cells (${range}): unmerge them`),
    );
  }

  hiddenColumns(first: number, last: number): void {
    const { emailColumn, activities } = this.#layout;
    for (const column of [emailColumn, ...activities.map((activity) => activity.column)]) {
      if (column < first || column > last) continue;
      this.#fatal.add(this.#at(null, column, 'the column is hidden: show it, or delete it'));
    }
  }

  /** @throws ImportRefused when the whole file is refused */
  end(): People {
    if (this.#fatal.count > 0) throw new ImportRefused(this.#fatal);
    return { rows: this.#rows, problems: this.#problems };
  }

  /** A column that the template does not have is told once, and refuses the file: whom or what it means is not guessed. */
  #isKnown({ row, column }: SheetCell): boolean {
    if (column === this.#layout.emailColumn || this.#marks.has(column)) return true;
    if (!this.#unknown.has(column)) {
      this.#unknown.add(column);
      this.#fatal.add(this.#at(row, column, 'the column is not one of the template: delete it'));
    }
    return false;
  }

  /** The texts of headers do not matter, but that there is nothing above them does. */
  #header(row: number, cells: readonly SheetCell[]): void {
    for (const { column, kind } of cells) {
      if (row < this.#layout.headerRow)
        this.#fatal.add(this.#at(row, column, 'stands above the header: delete it'));
      else if (kind === 'formula') this.#fatal.add(this.#at(row, column, 'holds a formula: enter a text'));
    }
  }

  #problemIn(cell: SheetCell): SheetProblem[] {
    const isEmail = cell.column === this.#layout.emailColumn;
    const message = isEmail ? emailProblem(cell) : markProblem(cell);
    return message === null ? [] : [this.#at(cell.row, cell.column, message)];
  }

  #tooManyRows(row: number): ImportRefused {
    const { rows } = this.#limits;
    const problem = this.#at(row, this.#layout.emailColumn, `more than ${rows} lines: use several files`);
    return new ImportRefused({ count: 1, first: [problem] });
  }

  #at(row: number | null, column: number | null, message: string): SheetProblem {
    const sheet = this.#layout.sheet.name;
    return { sheet, row, column: column === null ? null : columnName(column), message };
  }
}
