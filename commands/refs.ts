import { findUser } from '../activities/find-user.ts';
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
  const found = await findUser({ database, host }, ref);
  if (found === null) throw new CommandFailed('NotFound', `${option}: there is no user ${ref.trim()}`);
  return found;
}
