import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { ListRefused, readUserList } from '../imports/read-user-list.ts';
import { storeList } from '../ledger/lists.ts';
import { CommandFailed } from './output.ts';
import type { Session } from './session.ts';

/**
 * Stores a file of users in the ledger, whole or not at all, so that no email goes to Temporal; the list's id.
 *
 * @throws CommandFailed InvalidInput when the file is not a list of users
 */
export async function storeFile({ database }: Session, path: string): Promise<string> {
  const id = randomUUID();
  try {
    await database.transaction((sql) => storeList(sql, id, basename(path), readUserList(path)));
    return id;
  } catch (error) {
    throw error instanceof ListRefused ? new CommandFailed(error.type, error.message) : error;
  }
}
