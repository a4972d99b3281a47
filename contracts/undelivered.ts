/** A mail or a webhook that was not delivered. What the other side said may quote addresses and is left out. */
export class Undelivered extends Error {
  override name = 'Undelivered';
  /** Whether it may be delivered when it is tried again. */
  readonly transient: boolean;
  constructor(message: string, transient: boolean) {
    super(message);
    this.transient = transient;
  }
}
