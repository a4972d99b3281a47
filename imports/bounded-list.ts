import { listedAtMost } from '../contracts/imports.ts';
import type { Bounded } from '../contracts/imports.ts';

/** Collects what may be very much: everything is counted, the first ones are kept. */
export class BoundedList<T> implements Bounded<T> {
  count = 0;
  readonly first: T[] = [];

  add(item: T): void {
    this.count++;
    if (this.first.length < listedAtMost) this.first.push(item);
  }
}
