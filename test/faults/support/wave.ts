import type { OperationResult } from '../../../contracts/operations.ts';
import type { World } from '../../../contracts/world.ts';
import { fullLife } from '../../scenarios/full-life.ts';
import { admin } from '../../support/world-builder.ts';
import { cohorts, commonOf, lifeOf, tokenOf } from './cohorts.ts';
import type { Gate } from './gates.ts';
import { answerOf, recordOf } from './record.ts';
import type { LedgerRecord } from './record.ts';
import type { Handle, Site } from './site.ts';

/** Whose operation nothing happens to: what all the others are compared with. */
export const undisturbed = 'undisturbed';

/** How the operation of one name ended: its answer, what the ledger says, and that life in the host. */
export interface Ending {
  answer: object | string;
  record: LedgerRecord;
  life: Partial<World>;
}

/** Operations of the same kind, one for each name (a gate, mostly), under way at once on lives of their own. */
export interface Wave {
  handles: ReadonlyMap<string, Handle>;
  /** Waits for all; a failed one answers with its error. */
  end(): Promise<Endings>;
}

export interface Endings {
  of(name: string): Ending;
  /** What belongs to no life in particular. */
  common: Partial<World>;
  operations: ReadonlyMap<string, string>;
}

/** One full life for each gate, and one that is left in peace. */
export function fullLives(gates: readonly Gate[]): { names: string[]; world: World } {
  const names = [...new Set([undisturbed, ...gates])];
  return { names, world: cohorts(fullLife(), names) };
}

/** Deletes the Ada of each name; returns when all are under way and the undisturbed one is done. */
export function deletions(site: Site, names: readonly string[]): Promise<Wave> {
  return wave(site, 'deleteUser', names, (name) => ({
    user: `ada${tokenOf(name)}`,
    includePrivateSubgroups: true,
  }));
}

/** Takes the deletion of each name back. */
export function undos(site: Site, names: readonly string[], deleted: Endings): Promise<Wave> {
  return wave(site, 'undoOperation', names, (name) => ({ operation: deleted.operations.get(name) }));
}

async function wave(
  site: Site,
  workflow: string,
  names: readonly string[],
  input: (name: string) => object,
): Promise<Wave> {
  const handles = new Map<string, Handle>();
  const start = async (name: string): Promise<void> => {
    handles.set(name, await site.start(workflow, { requestedBy: admin, reason: name, ...input(name) }));
  };
  await start(undisturbed);
  await handles.get(undisturbed)?.result();
  await Promise.all(names.filter((name) => name !== undisturbed).map(start));
  return { handles, end: () => endingsOf(site, names, handles) };
}

async function endingsOf(
  site: Site,
  names: readonly string[],
  handles: ReadonlyMap<string, Handle>,
): Promise<Endings> {
  const answers = new Map<string, object | string>();
  await Promise.all(Array.from(handles, async ([name, handle]) => answers.set(name, await answer(handle, name))));
  const dump = await site.dump();
  const endings = new Map<string, Ending>();
  for (const [name, handle] of handles) {
    const record = await recordOf(site.sql, handle.firstExecutionRunId, name);
    endings.set(name, { answer: answers.get(name) ?? '', record, life: lifeOf(dump, name) });
  }
  return {
    of: (name) => {
      const ending = endings.get(name);
      if (ending === undefined) throw new Error(`there is no life ${name}`);
      return ending;
    },
    common: commonOf(dump, names),
    operations: new Map(Array.from(handles, ([name, handle]) => [name, handle.firstExecutionRunId])),
  };
}

async function answer(handle: Handle, name: string): Promise<object | string> {
  try {
    return answerOf((await handle.result()) as OperationResult, name);
  } catch (error) {
    return error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error);
  }
}
