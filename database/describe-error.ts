/**
 * An error in words that may leave the database: of PostgreSQL's the SQLSTATE and what it names instead of its text, which
 * may quote values.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!isDatabaseError(error)) return error.message;
  const named = ['table', 'column', 'constraint', 'routine'].flatMap((key) => {
    const value: unknown = Reflect.get(error, key);
    return typeof value === 'string' ? [`${key} ${value}`] : [];
  });
  return [`database error ${error.code}`, ...named].join(', ');
}

/** An error that PostgreSQL has answered a statement with. */
export function isDatabaseError(error: unknown): error is Error & { code: string } {
  return error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string';
}
