import { upsertSearchAttributes } from '@temporalio/workflow';
import type { Lifecycle } from './lifecycle.ts';
import { searchAttributes } from './search-attributes.ts';

/** Lets the list of workflows be searched by where this operation stands now. */
export function publishState({ state }: Lifecycle): void {
  upsertSearchAttributes([{ key: searchAttributes.state, value: state }]);
}
