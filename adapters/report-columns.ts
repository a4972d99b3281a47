import { userColumnNames } from '../contracts/reports.ts';
import type { UserColumn } from '../contracts/reports.ts';

/** What an adapter's columns are in its SQL; a column that is not there the host does not know. */
type Expressions = Readonly<Partial<Record<UserColumn, string>>>;

export function reportColumns(expressions: Expressions): UserColumn[] {
  return userColumnNames.filter((column) => expressions[column] !== undefined);
}

/**
 * SQL for the values of these columns, in order, as one JSON array: what is not asked for is not read.
 *
 * @throws when the host does not know a column, which is a bug of the caller
 */
export function reportValues(expressions: Expressions, columns: readonly UserColumn[]): string {
  const values = columns.map((column) => {
    const expression = expressions[column];
    if (expression === undefined) throw new Error(`the host does not know the column ${column}`);
    return expression;
  });
  return `json_build_array(${values.join(', ')})`;
}
