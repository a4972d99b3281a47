import type { OperationResult } from '../../contracts/operations.ts';
import type { World } from '../../contracts/world.ts';
import type { Lab } from '../support/lab.ts';
import { admin } from '../support/world-builder.ts';
import { fullLife } from './full-life.ts';
import { outcomeOf } from './steps.ts';
import type { Outcome } from './steps.ts';

export const whole = { includePrivateSubgroups: true };

export function undo(lab: Lab, operation: string, more: object = {}): Promise<OperationResult> {
  return lab.run('undoOperation', { operation, requestedBy: admin, ...more });
}

export function deleted(lab: Lab, given: World = fullLife()): Promise<Outcome> {
  return outcomeOf(lab, given, whole);
}

/** As it was, logins included. */
export function asBefore(before: World): World {
  return structuredClone(before);
}
