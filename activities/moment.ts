import type { Micros } from '../contracts/facts.ts';
import type { Sql } from '../contracts/sql.ts';

/** The database's clock: the moment after which a slot counts as upcoming (D-03), and by which a date has begun (D-19). */
export async function moment(sql: Sql): Promise<Micros> {
  const { rows } = await sql.query<{ now: number }>(
    `select (extract(epoch from clock_timestamp()) * 1000000)::bigint::float8 as now`,
  );
  const row = rows[0];
  if (!row) throw new Error('the database did not tell the time');
  return row.now;
}
