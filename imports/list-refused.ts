import { Refusal } from '../contracts/failures.ts';

/** A file that is no list of users at all, as opposed to an entry of it that has a problem. */
export class ListRefused extends Refusal {
  constructor(message: string) {
    super('InvalidInput', message);
  }
}
