/** The rows of one statement. */
export interface SqlResult<Row> {
  rows: Row[];
  rowCount: number | null;
}

/** Whatever can run SQL with `$1` bindings: a pool's client, inside or outside of a transaction. */
export interface Sql {
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: unknown[],
  ): Promise<SqlResult<Row>>;
}
