import { condition } from '@temporalio/workflow';
import type { Lifecycle } from './lifecycle.ts';

/** Keeps the pace that was asked for: the next chunk begins when the users of the one before have had their time. */
export class Pacer {
  private readonly life: Lifecycle;
  private begunAt = 0;
  private usersBefore = 0;

  constructor(life: Lifecycle) {
    this.life = life;
  }

  get isSet(): boolean {
    return this.life.usersPerSecond !== null;
  }

  begin(): void {
    this.begunAt = Date.now();
    this.usersBefore = this.life.usersDone;
  }

  /** Waits for the next chunk's turn; false when something else came first that has to be looked at. */
  async ready(): Promise<boolean> {
    const { life } = this;
    const pace = life.usersPerSecond;
    if (pace === null || this.begunAt === 0) return true;
    const dueAt = this.begunAt + ((life.usersDone - this.usersBefore) / pace) * 1000;
    const waitMs = Math.ceil(dueAt - Date.now());
    if (waitMs <= 0) return true;
    const summary = `the pace is ${pace} users a second`;
    const changed = (): boolean => life.usersPerSecond !== pace || life.paused || life.cancelRequested;
    return !(await condition(changed, waitMs, { summary }));
  }
}
