import { appendFile } from 'node:fs/promises';
import { withClient } from './databases.ts';

/** Settings of the server for a look into it; they slow it down, so that nothing is compared with them on. */
const settings: Readonly<Record<string, string>> = {
  shared_preload_libraries: 'pg_stat_statements, auto_explain',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_planning': 'on',
  track_io_timing: 'on',
  'auto_explain.log_min_duration': '250ms',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_parameter_max_length': '0',
};

/** Takes effect when the server starts again. */
export async function prepareProfile(server: string): Promise<void> {
  await withClient(server, async (client) => {
    for (const [name, value] of Object.entries(settings)) {
      const list = name === 'shared_preload_libraries' ? value : `'${value}'`;
      await client.query(`alter system set ${name} = ${list}`);
    }
  });
}

/** Writes the statements of the work, those that took longest first, to the file if there is one. */
export async function profiled<T>(
  server: string,
  file: string | undefined,
  work: () => Promise<T>,
): Promise<T> {
  if (file === undefined) return work();
  return withClient(server, async (client) => {
    await client.query('create extension if not exists pg_stat_statements');
    await client.query('select pg_stat_statements_reset()');
    const result = await work();
    const { rows } = await client.query<{ line: string }>(
      `select format(E'%s ms in %s calls, longest %s ms, planning %s ms, %s rows, %s blocks hit, %s read, %s dirtied: %s\\n',
                     round(total_exec_time), calls, round(max_exec_time), round(total_plan_time), rows, shared_blks_hit,
                     shared_blks_read, shared_blks_dirtied, regexp_replace(left(query, 700), '\\s+', ' ', 'g')) as line
         from pg_stat_statements order by total_exec_time + total_plan_time desc limit 40`,
    );
    await appendFile(file, `\n=== statements\n${rows.map(({ line }) => line).join('')}\n`);
    return result;
  });
}
