import type { QueryResultRow } from 'pg';
import type { Sql } from '../../host-lms.ts';

const pageRows = 5_000;

/**
 * Reads a query's rows page by page from a cursor, so that no result has to fit in memory. Works in a transaction and
 * outside of one; only one at a time on a connection.
 */
export async function* readRows<Row extends QueryResultRow>(
  sql: Sql,
  query: string,
): AsyncGenerator<Row, void> {
  await sql.query(`declare dump_rows no scroll cursor with hold for ${query}`);
  let fetching = false;
  try {
    for (let more = true; more;) {
      fetching = true;
      const { rows } = await sql.query<Row>(`fetch ${pageRows} from dump_rows`);
      fetching = false;
      yield* rows;
      more = rows.length === pageRows;
    }
  } finally {
    // After a failed fetch the transaction takes no more statements; closing would hide why.
    if (!fetching) await sql.query('close dump_rows');
  }
}
