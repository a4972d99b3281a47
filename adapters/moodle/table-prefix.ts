import type { EffectStatement, EffectStatements, HostEffect, Sql } from '../host-lms.ts';

/**
 * Moodle's SQL notation: `{user}` stands for the table `user` with the site's prefix. All SQL of this adapter is
 * written in it and becomes real here.
 */
function withPrefix(prefix: string, text: string): string {
  return text.replace(/\{([a-z][a-z0-9_]*)\}/g, (_, table: string) => prefix + table);
}

/** @throws when it could not stand unquoted before a table's name */
export function checkTablePrefix(prefix: string): string {
  if (/^[a-z][a-z0-9_]{0,15}$/.test(prefix)) return prefix;
  throw new Error(`'${prefix}' is not a table prefix: a letter, then letters, digits or _, in lower case`);
}

/** The same connection, for statements in Moodle's notation. */
export function prefixedSql(prefix: string, sql: Sql): Sql {
  return { query: (text, values) => sql.query(withPrefix(prefix, text), values) };
}

/** The same effect, with real table names. */
export function prefixedEffect(prefix: string, { lock, statements }: HostEffect): HostEffect {
  const real = ({ ctes, images }: EffectStatement): EffectStatement => ({
    ctes: withPrefix(prefix, ctes),
    images,
  });
  const all = ([first, ...rest]: EffectStatements): EffectStatements => [real(first), ...rest.map(real)];
  return {
    ...(lock !== undefined && { lock: withPrefix(prefix, lock) }),
    statements:
      typeof statements === 'function'
        ? async (sql) => all(await statements(prefixedSql(prefix, sql)))
        : all(statements),
  };
}
