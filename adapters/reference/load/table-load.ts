import type { World } from '../../../contracts/world.ts';

/** How rows of a world file get into a table: what they hold, as JSON, and the statement that inserts a batch. */
export interface TableLoad {
  rows(world: World): Iterable<object>;
  /** Takes the rows as one JSON array, in `$1`. */
  insert: string;
}

/** A load of the rows as they are in the file. */
export function straight(rows: TableLoad['rows'], insert: string): TableLoad {
  return { rows, insert };
}

/** A load of an ordered list of ids inside each row: `{ of, id, position }`, positions from 1. */
export function listed<Row extends { id: string }>(
  rows: (world: World) => readonly Row[],
  ids: (row: Row) => readonly string[],
  into: string,
): TableLoad {
  return {
    *rows(world) {
      for (const row of rows(world))
        for (const [i, id] of ids(row).entries()) yield { of: row.id, id, position: i + 1 };
    },
    insert: `insert into lms.${into} from json_to_recordset($1) as r(of text, id text, position int)`,
  };
}
