import type { HostLms } from '../adapters/host-lms.ts';
import type { Database } from '../database/pool.ts';
import { CommandFailed } from './output.ts';

/**
 * The id of the user that was named by id or email. Commands resolve names before they start anything, so that no
 * email goes to Temporal.
 *
 * @throws CommandFailed NotFound
 */
export async function userIdOf(
  database: Database,
  host: HostLms,
  ref: string,
  option: string,
): Promise<string> {
  const name = ref.trim();
  const [found] = await database.transaction((sql) => host.findUsers(sql, [{ id: name, email: name }]));
  if (!found) throw new CommandFailed('NotFound', `${option}: there is no user ${name}`);
  return found.id;
}
