import type { Dependencies } from './dependencies.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Sql } from '../contracts/sql.ts';
import { adminOnly } from '../rules/authorization.ts';
import type { Actor } from '../rules/authorization.ts';

/** @throws Refusal NotAuthorized unless a platform admin, the owner or the system asks (rules A) */
export async function requireMayReport(sql: Sql, host: Dependencies['host'], actor: Actor): Promise<void> {
  const refused = adminOnly(actor, await host.platform(sql), 'run a report');
  if (refused) throw new Refusal(refused.type, refused.message);
}
