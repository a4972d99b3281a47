import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { profileEntry } from '../activities/profile-rows.ts';
import { readProfiles } from '../imports/read-profiles.ts';
import { ListRefused, readUserList } from '../imports/read-user-list.ts';
import { storeList } from '../ledger/lists.ts';
import type { ListEntry } from '../ledger/lists.ts';
import { CommandFailed } from './output.ts';
import type { Session } from './session.ts';

/**
 * Stores the file of a workflow in the ledger, whole or not at all, so that no email goes to Temporal; the list's id.
 *
 * @throws CommandFailed InvalidInput when the file is not a list of users, or of profiles
 */
export async function storeFile({ database }: Session, workflow: string, path: string): Promise<string> {
  const id = randomUUID();
  try {
    const entries = workflow === 'updateProfiles' ? profilesIn(path) : readUserList(path);
    await database.transaction((sql) => storeList(sql, id, basename(path), entries));
    return id;
  } catch (error) {
    throw error instanceof ListRefused ? new CommandFailed(error.type, error.message) : error;
  }
}

async function* profilesIn(path: string): AsyncGenerator<ListEntry, void, undefined> {
  for await (const { line, row, problem } of readProfiles(path)) {
    yield problem === undefined ? profileEntry(row, line) : { line, ref: '', problem };
  }
}
