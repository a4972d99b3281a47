import { z } from 'zod';
import type { HostLms } from '../../adapters/host-lms.ts';
import type { Sql } from '../../contracts/sql.ts';
import { readDepartures } from '../../ledger/departures.ts';
import { listOf, maxResults } from './documents.ts';
import { readFilter } from './read-filter.ts';
import { ScimError } from './scim-error.ts';
import { partOf, userResource } from './user-resource.ts';
import type { Wanted } from './user-resource.ts';

const usualCount = 100;
const whole = z.coerce.number().int().catch(NaN);
const names = z
  .union([z.string().transform((text) => text.split(',')), z.array(z.string())])
  .transform((given) => given.map((name) => name.trim().toLowerCase()).filter((name) => name !== ''));

const partSchema = z.object({ attributes: names.optional(), excludedAttributes: names.optional() });

/** The parameters of a query, from an address or from the body of a search (RFC 7644 §3.4.2, §3.4.3). */
const querySchema = z.object({
  filter: z.string().max(1_000).optional(),
  startIndex: whole.default(1),
  count: whole.default(usualCount),
});

/** @throws ScimError invalidValue */
export function readWanted(query: unknown): Wanted {
  const parsed = partSchema.safeParse(query);
  if (!parsed.success) throw invalid('attributes and excludedAttributes are lists of names.');
  return { only: parsed.data.attributes ?? null, without: parsed.data.excludedAttributes ?? [] };
}

/**
 * The users that a query asks for: living accounts, but for those whose deletion has been accepted (RFC 7644 §3.6).
 *
 * @throws ScimError invalidFilter, invalidValue
 */
export async function listUsers(sql: Sql, host: HostLms, query: unknown, base: string): Promise<object> {
  const parsed = querySchema.safeParse(query);
  if (!parsed.success) throw invalid('filter must be a text.');
  const { filter, startIndex, count } = parsed.data;
  if (Number.isNaN(startIndex) || Number.isNaN(count))
    throw invalid('startIndex and count are whole numbers.');
  const wanted = readWanted(query);
  const by = filter === undefined ? null : readFilter(filter);
  if (by === 'nobody') return listOf([]);
  const { underWay } = await readDepartures(sql, null);
  const first = Math.max(1, startIndex);
  const { total, accounts } = await host.accounts(sql, {
    by,
    except: [...underWay].filter(([, kind]) => kind === 'scim.deleted').map(([user]) => user),
    offset: first - 1,
    limit: Math.min(maxResults, Math.max(0, count)),
  });
  const users = accounts.map((account) =>
    partOf(userResource(account, !underWay.has(account.id), base), wanted),
  );
  return listOf(users, total, first);
}

function invalid(detail: string): ScimError {
  return new ScimError(400, detail, 'invalidValue');
}
