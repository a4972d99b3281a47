import type { Dependencies } from './dependencies.ts';
import type { UserId } from '../contracts/ids.ts';

/** The user that somebody names by id or email; null when there is none. */
export async function findUser(
  { database, host }: Pick<Dependencies, 'database' | 'host'>,
  ref: string,
): Promise<UserId | null> {
  const name = ref.trim();
  const [found] = await database.transaction((sql) => host.findUsers(sql, [{ id: name, email: name }]));
  return found?.id ?? null;
}
