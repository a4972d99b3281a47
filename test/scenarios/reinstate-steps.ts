import { expect } from 'vitest';
import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import type { Lab, Running } from '../support/lab.ts';
import { admin, the } from '../support/world-builder.ts';
import { untilState } from './steps.ts';
import type { Input } from './steps.ts';
import { deleted } from './undo-steps.ts';

/** `ada` is who comes back and `u-admin` who asks, unless the scenario says otherwise. */
const reinstatementOfAda = { user: 'ada', requestedBy: admin };

/** A life in four pictures: before the deletion, after it, after the reinstatement, and what that answered. */
export interface Return {
  living: World;
  gone: World;
  after: World;
  result: OperationResult;
}

export function reinstate(lab: Lab, input: Input = {}): Promise<OperationResult> {
  return lab.run('reinstateUser', { ...reinstatementOfAda, ...input });
}

/** Given a world in which Ada is deleted, and perhaps something else happens, when she is reinstated. */
export async function returnOf(
  lab: Lab,
  given: World,
  input: Input = {},
  meanwhile?: string,
): Promise<Return> {
  const { before: living } = await deleted(lab, given);
  if (meanwhile !== undefined) await lab.sql.query(meanwhile);
  const gone = await lab.dump();
  const result = await reinstate(lab, input);
  return { living, gone, after: await lab.dump(), result };
}

/**
 * The reinstatement brings Ada back to where she was, but for her logins and what `edit` says: the whole dump is
 * compared.
 */
export async function expectReturn(
  lab: Lab,
  given: World,
  edit: (then: World) => void = () => undefined,
  input: Input = {},
): Promise<Return> {
  const outcome = await returnOf(lab, given, input);
  const then = structuredClone(outcome.living);
  the(then.users, 'ada').loginSessions = 0;
  edit(then);
  expect(outcome.after).toEqual(then);
  expectAllDone(outcome.result);
  return outcome;
}

/** The reinstatement brings the account back, and beyond that nothing but what `edit` does to the world without her. */
export async function expectAccountAnd(
  lab: Lab,
  given: World,
  edit: (then: World, living: World) => void,
  input: Input,
): Promise<Return> {
  const outcome = await returnOf(lab, given, input);
  const then = structuredClone(outcome.gone);
  enliven(then);
  edit(then, outcome.living);
  expect(outcome.after).toEqual(then);
  expect(outcome.result).toMatchObject({ state: 'done', conflicts: 0 });
  return outcome;
}

/** The account as an edit of a dump. */
export function enliven(then: World, user = 'ada'): void {
  const account = { status: 'active', deletedAt: null, deletionKind: null, deletedBy: null } as const;
  Object.assign(the(then.users, user), account);
}

export function expectAllDone(result: OperationResult): void {
  expect(result).toMatchObject({
    state: 'done',
    users: { done: 1, unchanged: 0, attention: 0 },
    attention: [],
    conflicts: 0,
  });
}

/** Starts the reinstatement so that it waits for approval with its plan made. */
export async function reinstateWaiting(lab: Lab, input: Input = {}): Promise<Running & { planHash: string }> {
  const started = { ...reinstatementOfAda, approval: 'required', ...input };
  const running = await lab.start('reinstateUser', started);
  const { planHash } = await untilState(running, 'waiting-for-approval');
  return Object.assign(running, { planHash });
}
