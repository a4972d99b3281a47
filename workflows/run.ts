import type { Opened } from '../activities/open.ts';
import type { Carried, Lifecycle } from './lifecycle.ts';

/** One run of an operation's workflow: the operation itself may go through several, one after the other. */
export interface Run {
  life: Lifecycle;
  opened: Opened;
  /** The workflow's input, which the next run is given again. */
  input: unknown;
  /** Where the run before stopped; null for the first one. */
  from: Carried | null;
}
