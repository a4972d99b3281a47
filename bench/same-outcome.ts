import pg from 'pg';

/** Tables whose rows must be equal, and what of them is left out because it is a moment or a number given out. */
const ledger: Readonly<Record<string, string>> = {
  'lms_lifecycle.change': `to_jsonb(t) - array['id', 'operation_id', 'seq', 'reason', 'planned_at', 'decided_at', 'undoes']`,
  'lms_lifecycle.row_image': `to_jsonb(t) - 'change_id' #- '{after,deleted_at}' #- '{after,since}'`,
};

/** A hash of the content of each table of the host, and of the ledger's record, whatever the order of their rows. */
export function hashesOf(url: string): Promise<Map<string, string>> {
  return hashesOfTables(url, ledger);
}

/** The same of the host alone. */
export function hashesOfHost(url: string): Promise<Map<string, string>> {
  return hashesOfTables(url, {});
}

async function hashesOfTables(
  url: string,
  more: Readonly<Record<string, string>>,
): Promise<Map<string, string>> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `select format('lms.%I', tablename) as name from pg_tables where schemaname = 'lms' and tablename not like 'migration%'`,
    );
    const hashes = new Map<string, string>();
    const tables = [...rows.map(({ name }) => [name, hostRow(name)] as const), ...Object.entries(more)];
    for (const [name, row] of tables) hashes.set(name, await hashOf(client, name, row));
    return hashes;
  } finally {
    await client.end();
  }
}

/** The moment of a deletion, or of joining a group, is the only thing that two runs cannot have in common. */
function hostRow(name: string): string {
  if (name === 'lms.membership') return `to_jsonb(t) || ${recently('since')}`;
  if (name !== 'lms.account') return 'to_jsonb(t)';
  return `to_jsonb(t) || ${recently('deleted_at')}`;
}

function recently(column: string): string {
  return `case when ${column} > now() - interval '1 day' then '{"${column}": "now"}' else '{}' end::jsonb`;
}

async function hashOf(client: pg.Client, name: string, row: string): Promise<string> {
  const { rows } = await client.query<{ hash: string }>(
    `select count(*) || ' rows, ' || coalesce(sum(hashtextextended((${row})::text, 0)), 0) as hash from ${name} t`,
  );
  return rows[0]?.hash ?? '';
}

/** Names the tables in which what we did differs from what is right. @throws when there are any: no comparison would be honest */
export function requireSame(left: ReadonlyMap<string, string>, right: ReadonlyMap<string, string>): void {
  const differing = [...left].filter(([name, hash]) => right.get(name) !== hash);
  if (differing.length === 0) return;
  const lines = differing.map(
    ([name, hash]) => `${name}: ${hash} by the activities, ${right.get(name) ?? 'nothing'} wanted`,
  );
  throw new Error(`the rows are not as they should be:\n${lines.join('\n')}`);
}
