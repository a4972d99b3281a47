import { log, setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import type { OperationState } from '../contracts/operations.ts';
import { currentDetails } from './details.ts';
import type { Lifecycle } from './lifecycle.ts';
import { searchAttributes } from './search-attributes.ts';

/** What the page says of an operation; a report has its own. */
export type Describe = (life: Lifecycle) => string;

/** The operation stands somewhere else now: the list of workflows can be searched by it, and its page says so. */
export function enter(life: Lifecycle, state: OperationState, describe: Describe = currentDetails): void {
  life.state = state;
  life.rate.restart();
  if (state === 'applying') life.rate.mark(Date.now(), life.usersDone, life.chunksDone);
  log.info('the operation stands elsewhere', { state, ...(life.failure && { failure: life.failure.type }) });
  upsertSearchAttributes([{ key: searchAttributes.state, value: state }]);
  setCurrentDetails(describe(life));
}

/** The operation's page says what it does at this moment. */
export function show(life: Lifecycle, step: string, describe: Describe = currentDetails): void {
  life.step = step;
  setCurrentDetails(describe(life));
}
