import type { Dependencies } from './dependencies.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Sql } from '../contracts/sql.ts';

/**
 * Stops an operation on a host whose schema is not the one that the adapter knows.
 *
 * @throws Refusal SchemaDrift, naming each finding that is not waived
 */
export async function fitsSchema(
  sql: Sql,
  {
    host,
    settings,
  }: Pick<Dependencies, 'host'> & {
    settings: Pick<Dependencies['settings'], 'waivedDrift'>;
  },
): Promise<void> {
  const findings = await host.preflight(sql);
  const open = findings.filter((finding) => !settings.waivedDrift.includes(finding.name));
  if (open.length === 0) return;
  const named = open.map(({ name, kind, detail }) => `${name} (${kind}: ${detail})`).join('; ');
  throw new Refusal('SchemaDrift', `the host's schema is not the one that is known: ${named}`);
}
