import type { CloseRequest } from '../activities/close.ts';
import type { OperationResult } from '../contracts/operations.ts';
import { activities } from './activity-options.ts';
import type { Lifecycle } from './lifecycle.ts';
import { enter } from './publish-state.ts';
import type { Describe } from './publish-state.ts';
import { endingText, tellPeople } from './tell-people.ts';

/** Has the ledger record how the operation ended, and whoever is to know of it told. */
export async function closeOperation(
  life: Lifecycle,
  end: Omit<CloseRequest, 'operation' | 'told'>,
  describe?: Describe,
): Promise<OperationResult> {
  const told = life.told > 0;
  const { isTold, ...result } = await activities.close({ operation: life.operation, told, ...end });
  life.attention = result.attention;
  enter(life, result.state, describe);
  if (isTold) await tellPeople(life, 'operation.ended', endingText(life));
  return result;
}
