import type { OperationResult } from '../../../contracts/operations.ts';
import type { World } from '../../../contracts/world.ts';
import { fullLife } from '../../scenarios/full-life.ts';
import { admin } from '../../support/world-builder.ts';
import { cohorts, commonOf, lifeOf, tokenOf } from './cohorts.ts';
import { answerOf, recordOf } from './record.ts';
import type { LedgerRecord } from './record.ts';
import type { Handle, Site } from './site.ts';

/** Whose operation nothing happens to: what all the others are compared with. */
export const undisturbed = 'undisturbed';

/** How an operation ended: its answer, what the ledger says, and what has become of the life in the host. */
export interface Ending {
  answer: object | string;
  record: LedgerRecord;
  life: Partial<World>;
}

/** Operations of one kind, under way at once on lives of their own; the first of them is left undisturbed. */
export interface Wave {
  /** By gate. */
  handles: ReadonlyMap<string, Handle>;
  /** Waits for all; a failed one answers with its error. */
  end(): Promise<Endings>;
}

export interface Endings {
  /** By gate, or of the undisturbed one. */
  of(gate: string): Ending;
  /** What belongs to no life in particular. */
  common: Partial<World>;
  /** The operation of each life. */
  operations: readonly string[];
}

/** Adas on one platform, each with a life of her own. */
export interface Lives {
  names: readonly string[];
  world: World;
}

/** One full life that is left in peace, and `count` more. */
export function fullLives(count: number): Lives {
  const names = Array.from({ length: count + 1 }, (_, i) => `life${String(i).padStart(3, '0')}`);
  return { names, world: cohorts(fullLife(), names) };
}

export function adaOf(life: string): string {
  return `ada${tokenOf(life)}`;
}

type InputOf = (life: string, i: number) => object;

/** Deletes every Ada, each to stop at a gate; returns when all are under way and the undisturbed one is done. */
export function deletions(
  site: Site,
  lives: Lives,
  gates: readonly string[],
  more: object = {},
): Promise<Wave> {
  const input: InputOf = (life) => ({ user: adaOf(life), includePrivateSubgroups: true, ...more });
  return wave(site, 'deleteUser', lives, gates, input);
}

/** Deletes three of every life, Ada and two who could have succeeded her, as one operation that stops at a gate. */
export function batchDeletions(site: Site, lives: Lives, gates: readonly string[]): Promise<Wave> {
  const users = (life: string): string[] => ['ada', 'bob', 'gus'].map((user) => `${user}${tokenOf(life)}`);
  const input: InputOf = (life) => ({ users: users(life), includePrivateSubgroups: true });
  return wave(site, 'deleteUsers', lives, gates, input);
}

/** Takes every deletion back, each to stop at a gate. */
export function undos(site: Site, lives: Lives, gates: readonly string[], deleted: Endings): Promise<Wave> {
  return wave(site, 'undoOperation', lives, gates, (_life, i) => ({ operation: deleted.operations[i] }));
}

async function wave(
  site: Site,
  workflow: string,
  { names }: Lives,
  gates: readonly string[],
  input: InputOf,
): Promise<Wave> {
  const reasons = names.map((_, i) => (i === 0 ? undisturbed : (gates[i - 1] ?? 'left in peace')));
  const start = (life: string, i: number): Promise<Handle> =>
    site.start(workflow, { requestedBy: admin, reason: reasons[i], ...input(life, i) });
  const [first = '', ...others] = names;
  const model = await start(first, 0);
  await model.result();
  const handles = [model, ...(await Promise.all(others.map((life, i) => start(life, i + 1))))];
  return {
    handles: new Map(handles.map((handle, i) => [reasons[i] ?? '', handle])),
    end: () => endingsOf(site, names, reasons, handles),
  };
}

async function endingsOf(
  site: Site,
  names: readonly string[],
  reasons: readonly string[],
  handles: readonly Handle[],
): Promise<Endings> {
  const answers = await Promise.all(handles.map((handle, i) => answer(handle, names[i] ?? '')));
  const dump = await site.dump();
  const operations = handles.map((handle) => handle.firstExecutionRunId);
  const endings = new Map<string, Ending>();
  for (const [i, name] of names.entries()) {
    const record = await recordOf(site.sql, operations[i] ?? '', name);
    endings.set(reasons[i] ?? '', { answer: answers[i] ?? '', record, life: lifeOf(dump, name) });
  }
  return {
    of: (gate) => {
      const ending = endings.get(gate);
      if (ending === undefined) throw new Error(`no operation went by ${gate}`);
      return ending;
    },
    common: commonOf(dump, names),
    operations,
  };
}

async function answer(handle: Handle, name: string): Promise<object | string> {
  try {
    return answerOf((await handle.result()) as OperationResult, name);
  } catch (error) {
    return error instanceof Error ? `${error.message}: ${String(error.cause)}` : String(error);
  }
}
