import { log, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { OperationState } from '../contracts/operations.ts';
import { currentDetails } from './details.ts';
import type { Lifecycle } from './lifecycle.ts';
import { searchAttributes } from './search-attributes.ts';

/** The operation stands somewhere else now: the list of workflows can be searched by it, and its page says so. */
export function enter(life: Lifecycle, state: OperationState): void {
  life.state = state;
  log.info('the operation stands elsewhere', { state, ...(life.failure && { failure: life.failure.type }) });
  upsertSearchAttributes([{ key: searchAttributes.state, value: state }]);
  setCurrentDetails(currentDetails(life));
}

/** The operation's page says what it does at this moment. */
export function show(life: Lifecycle, step: string): void {
  life.step = step;
  setCurrentDetails(currentDetails(life));
}
