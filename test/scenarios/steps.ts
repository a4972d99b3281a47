import { expect } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import { OperationFailed } from '../support/lab.ts';
import type { ChangeRow, Lab, Running } from '../support/lab.ts';
import { admin, the } from '../support/world-builder.ts';

export interface Outcome {
  before: World;
  after: World;
  result: OperationResult;
}

export type Input = Record<string, unknown>;

/** `ada` is who goes and `u-admin` who asks, unless the scenario says otherwise. */
export const deletionOfAda = { user: 'ada', requestedBy: admin };

/** Given a world, when the operation runs: what was there, what is there, and what it answered. */
export async function outcomeOf(lab: Lab, given: World, input: Input = {}): Promise<Outcome> {
  await lab.load(given);
  const before = await lab.dump();
  const result = await lab.run('deleteUser', { ...deletionOfAda, ...input });
  return { before, after: await lab.dump(), result };
}

/**
 * The deletion does to the account what it always does, and beyond that nothing but what `edit` says: the whole
 * dump is compared. The moment of deletion is checked to lie within the run.
 */
export async function expectDeletion(
  lab: Lab,
  given: World,
  edit: (then: World) => void = () => undefined,
  input: Input = {},
): Promise<Outcome> {
  const began = Date.now();
  const outcome = await outcomeOf(lab, given, input);
  const { user, requestedBy } = { ...deletionOfAda, ...input };
  const deletedAt = the(outcome.after.users, user).deletedAt;
  expectWithin(deletedAt, began, Date.now());
  const then = structuredClone(outcome.before);
  retire(then, user, requestedBy, deletedAt);
  edit(then);
  expect(outcome.after).toEqual(then);
  expect(outcome.result).toMatchObject({
    state: 'done',
    users: { done: 1, unchanged: 0, attention: 0 },
    attention: [],
    conflicts: 0,
  });
  return outcome;
}

/** D-01 and D-02 as edits of a dump. */
export function retire(then: World, user: string, by: string, deletedAt: string | null): void {
  Object.assign(the(then.users, user), {
    status: 'deleted',
    deletedAt,
    deletionKind: 'manual',
    deletedBy: by,
    loginSessions: 0,
  });
  then.memberships = then.memberships.filter((membership) => membership.user !== user);
}

export function without(list: readonly string[], ...gone: string[]): string[] {
  return list.filter((entry) => !gone.includes(entry));
}

export function expectWithin(instant: string | null, from: number, to: number): void {
  expect(instant).not.toBeNull();
  const at = Date.parse(instant ?? '');
  expect(at).toBeGreaterThanOrEqual(from - 50);
  expect(at).toBeLessThanOrEqual(to + 50);
}

/** The promise must fail, and as an expected failure of the type. */
export async function failureOf(promise: Promise<unknown>, type?: string): Promise<OperationFailed> {
  const failure = await promise.then(
    (value) => {
      throw new Error(`was not refused, but answered ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
  if (!(failure instanceof OperationFailed)) throw failure;
  if (type !== undefined) expect(failure.type, failure.message).toBe(type);
  return failure;
}

/** The deletion is refused with the type, and nothing at all has changed. */
export async function expectRefusal(
  lab: Lab,
  given: World,
  type: string,
  input: Input = {},
): Promise<OperationFailed> {
  await lab.load(given);
  const before = await lab.dump();
  const failure = await failureOf(lab.run('deleteUser', { ...deletionOfAda, ...input }), type);
  expect(await lab.dump()).toEqual(before);
  return failure;
}

export interface Progress {
  operation: string;
  state: string;
  planHash: string;
}

/** Waits until the operation reports the state; what it is then. */
export async function untilState(running: Running, state: string): Promise<Progress> {
  let last: unknown = 'no answer';
  for (const deadline = Date.now() + 30_000; Date.now() < deadline;) {
    try {
      const progress = await running.query<Progress>('progress');
      if (progress.state === state) return progress;
      last = progress;
    } catch (error) {
      last = error;
    }
    await pause(50);
  }
  throw new Error(`did not get to ${state}: ${JSON.stringify(last)}, ${String(last)}`);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Starts the deletion so that it waits for approval with its plan made. */
export async function startWaiting(lab: Lab, input: Input = {}): Promise<Running & { planHash: string }> {
  const running = await lab.start('deleteUser', { ...deletionOfAda, approval: 'required', ...input });
  const { planHash } = await untilState(running, 'waiting-for-approval');
  return Object.assign(running, { planHash });
}

/** Given a world, when something happens between the plan and its approval. */
export async function outcomeAfterDrift(
  lab: Lab,
  given: World,
  meanwhile: () => Promise<unknown>,
  input: Input = {},
): Promise<Outcome & { changes: ChangeRow[] }> {
  await lab.load(given);
  const running = await startWaiting(lab, input);
  await meanwhile();
  const before = await lab.dump();
  await running.update('approve', { by: admin, planHash: running.planHash });
  const result = await running.result();
  return { before, after: await lab.dump(), result, changes: await lab.changes(result.operation) };
}

/** What a change says, without where it stands in its operation. */
export type Essence = Pick<ChangeRow, 'step' | 'kind' | 'user' | 'item' | 'before' | 'after' | 'reason'>;

export function essence(changes: readonly ChangeRow[]): Essence[] {
  return changes.map(({ step, kind, user, item, before, after, reason }) => ({
    step,
    kind,
    user,
    item,
    before,
    after,
    reason,
  }));
}

/** The one change of that kind (and item). */
export function theChange(changes: readonly ChangeRow[], kind: string, item: object = {}): ChangeRow {
  const wanted = Object.entries(item);
  const found = changes.filter(
    (change) => change.kind === kind && wanted.every(([key, value]) => change.item[key] === value),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${found.length} changes ${kind}, not one`);
  return only;
}

/** Nobody who is deleted is left with what only a living user may hold. */
export function expectNothingHeldByDeleted(after: World): void {
  const deleted = new Set(after.users.filter((user) => user.status === 'deleted').map((user) => user.id));
  const held = [
    ...after.memberships.map((membership) => membership.user),
    ...[...after.courses, ...after.paths].map((item) => item.mainAuthor),
    ...after.pathSessions.map((session) => session.mainInstructor),
  ];
  expect(held.filter((user) => deleted.has(user))).toEqual([]);
}
