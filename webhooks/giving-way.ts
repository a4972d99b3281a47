/** How long taking a delivery in may last before those that are in already give way. */
const slowMs = 15;
/** After so long without any, none are coming in: a stall of the database is not taken for quiet. */
const quietMs = 500;
/** How long the dispatcher rests between two rounds when it has given way as far as it does. */
const restMs = 50;

/** What a round of the dispatcher may do. */
export interface Share {
  /** How many deliveries are worked on side by side. */
  size: number;
  /** How long to wait after them. */
  restMs: number;
}

/** What regulates how much is dispatched while deliveries come in; instants are milliseconds of one clock. */
export interface GivingWay {
  /** One was taken in. */
  accepted(cameAt: number, now: number): void;
  /** For the next round. */
  share(now: number): Share;
}

/**
 * Deliveries that come in are answered first: their source waits, and sends again what takes too long. So when taking them in
 * becomes slow the dispatcher halves what it works on side by side, down to one delivery with a rest after it, and never less;
 * while it is quick it works on one more each round. When nothing comes in, it takes up all it may at once.
 *
 * @param most how many deliveries a round may have
 */
export function givingWay(most: number): GivingWay {
  let size = most;
  let slowest = 0;
  let latest = -Infinity;
  return {
    accepted: (cameAt, now) => {
      slowest = Math.max(slowest, now - cameAt);
      latest = now;
    },
    share: (now) => {
      if (now - latest > quietMs) size = most;
      else if (slowest > slowMs) size = Math.max(1, Math.floor(size / 2));
      else size = Math.min(most, size + 1);
      slowest = 0;
      return { size, restMs: size === 1 ? restMs : 0 };
    },
  };
}
