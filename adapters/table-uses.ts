import type { HostLms, Sql, TableUse, TableWrite } from './host-lms.ts';

/** The SQL of all effects, as this site has it. */
export async function effectTexts(sql: Sql, effects: HostLms['effects']): Promise<string[]> {
  const texts: string[] = [];
  for (const { lock, statements } of Object.values(effects)) {
    if (lock !== undefined) texts.push(lock);
    const made = typeof statements === 'function' ? await statements(sql) : statements;
    texts.push(...made.map(({ ctes }) => ctes));
  }
  return texts;
}

/**
 * What effects do with tables, by their own SQL: a database role is granted that and no more. To lock a row takes the right to
 * update its table; so a lock says `of` which one.
 *
 * @param reads the tables that the adapter reads
 * @param locks those of which it locks rows, beside its effects
 * @throws when a lock of an effect names no table
 */
export function tableUses(
  texts: readonly string[],
  reads: Iterable<string>,
  locks: Iterable<string>,
): TableUse[] {
  const uses = new Map<string, Set<TableWrite>>([...reads].map((table) => [table, new Set()]));
  const write = (table: string, how: TableWrite): void => {
    uses.set(table, (uses.get(table) ?? new Set()).add(how));
  };
  for (const table of locks) write(table, 'update');
  for (const [table, how] of texts.flatMap(writesOf)) write(table, how);
  return [...uses].map(([table, writes]) => ({ table, writes })).sort((a, b) => (a.table < b.table ? -1 : 1));
}

const writing =
  /\b(insert) into ([\w.]+)|\b(delete) from ([\w.]+)|(?<!\b(?:for|do|key) )\b(update) ([\w.]+)/g;
const locking = /\bfor (?:no key )?(?:update|share)\b(?: of (\w+(?:, *\w+)*))?/g;

function writesOf(text: string): [string, TableWrite][] {
  const writes = [...text.matchAll(writing)].map((match): [string, TableWrite] => {
    const [how, table] = match.slice(1).filter(Boolean);
    return [table ?? '', how as TableWrite];
  });
  const locked = [...text.matchAll(locking)].flatMap(({ index, 1: names }) =>
    namesOf(names).map((name): [string, TableWrite] => [tableCalled(name, text.slice(0, index)), 'update']),
  );
  return [...writes, ...locked];
}

function namesOf(listed: string | undefined): string[] {
  if (listed === undefined) throw new Error('a row lock of an effect does not say of which table');
  return listed.split(/, */);
}

/** The table that had this name, or alias, last. */
function tableCalled(name: string, before: string): string {
  const named = new RegExp(`\\b(?:from|join)\\s+((?:\\w+\\.)?${name}|[\\w.]+\\s+(?:as\\s+)?${name})\\b`, 'g');
  const [table] = [...before.matchAll(named)].at(-1)?.[1]?.split(/\s+/) ?? [];
  if (table === undefined) throw new Error(`no table of an effect is called ${name}, which it locks`);
  return table;
}
