import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { devError } from './dev-errors.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { thisProcess } from './lock-file.ts';
import { stillLives } from './process-mark.ts';

const instanceSchema = z.object({
  databaseUrl: z.string(),
  temporalAddress: z.string(),
  uiUrl: z.string(),
  /** Where the HTTP server is. */
  httpUrl: z.string().optional(),
  namespace: z.string(),
  adapter: z.string(),
});
const fileSchema = instanceSchema.extend({
  owner: z.object({ pid: z.number().int(), startedAt: z.string().nullable() }),
});

/** Where a running `start` can be reached. The database URL holds a password: never print it. */
export type Instance = z.infer<typeof instanceSchema>;

/** What a state directory says about its instance. `dead`: its `start` ended without tidying up. */
export type InstanceState =
  | { state: 'absent' }
  | { state: 'running'; pid: number; instance: Instance }
  | { state: 'dead'; pid: number; instance: Instance };

/** Leaves the addresses for other commands, in `instance.json`, readable by this user only. */
export function writeInstance(dir: string, instance: Instance): void {
  writeJsonFile(instancePath(dir), { ...instanceSchema.parse(instance), owner: thisProcess() });
}

/** To be called when `start` stops. */
export function removeInstance(dir: string): void {
  rmSync(instancePath(dir), { force: true });
}

/** Reads what `start` left in the directory. A DevError (CORRUPT) if the file is damaged. */
export function readInstance(dir: string): InstanceState {
  const content = readJsonFile(instancePath(dir), fileSchema);
  if (content === undefined) return { state: 'absent' };
  const { owner, ...instance } = content;
  return { state: stillLives(owner) ? 'running' : 'dead', pid: owner.pid, instance };
}

/** The running instance of the directory, or a DevError (NOT_RUNNING) that says how to get one. */
export function requireInstance(dir: string): Instance {
  const found = readInstance(dir);
  if (found.state === 'running') return found.instance;
  const problem =
    found.state === 'absent'
      ? `No instance runs with the state directory ${dir}.`
      : `The instance of the state directory ${dir} (pid ${found.pid}) has ended without being stopped.`;
  const remedy =
    'Start it (npm start), or set DATABASE_URL and TEMPORAL_ADDRESS, or LMS_STATE_DIR to that of a running one.';
  throw devError('NOT_RUNNING', problem, remedy);
}

function instancePath(dir: string): string {
  return join(dir, 'instance.json');
}
