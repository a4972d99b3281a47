/** The entry that a number picks; undefined only when there are none. */
export function choose<Value>(from: readonly Value[], pick: number): Value | undefined {
  return from[pick % from.length];
}

/** The different entries that numbers pick, in their order. */
export function chooseSome<Value>(from: readonly Value[], picks: readonly number[]): Value[] {
  return [
    ...new Set(picks.flatMap((pick) => (from.length === 0 ? [] : [from[pick % from.length] as Value]))),
  ];
}

/** Rows without those whose key an earlier one has; null rows could not be made. */
export function distinct<Row extends object>(rows: readonly (Row | null)[], ...key: (keyof Row)[]): Row[] {
  const seen = new Map<string, Row>();
  for (const row of rows) {
    if (row === null) continue;
    const name = JSON.stringify(key.map((member) => row[member]));
    if (!seen.has(name)) seen.set(name, row);
  }
  return [...seen.values()];
}

/** Ids like `c-0`, `c-1`: one for each. */
export function named(prefix: string, things: readonly unknown[]): string[] {
  return things.map((_, i) => `${prefix}-${i}`);
}
