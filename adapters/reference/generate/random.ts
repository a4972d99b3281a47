/** A small stream of random numbers. Only exact arithmetic, so that every machine draws the same. */
export class Random {
  #state: number;

  constructor(state: number) {
    this.#state = state | 0;
  }

  /** From 0 up to, but not including, 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number from 0 up to, but not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** Like `below`, but the low numbers come much more often. */
  skewedBelow(limit: number): number {
    const x = this.next();
    return Math.floor(x * x * x * limit);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<Value>(from: readonly [Value, ...Value[]]): Value {
    return from[this.below(from.length)] ?? from[0];
  }
}

/** The random stream of the `index`th thing of a kind, which no other thing's stream depends on. */
export type Stream = (index: number) => Random;

/** Makes streams: the same for the same seed and kind. */
export function streamsOf(seed: string): (kind: string) => Stream {
  return (kind) => {
    const base = hash(`${seed}\n${kind}`);
    return (index) => new Random(mix(base ^ mix(index + 1)));
  };
}

/** FNV-1a. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix(h);
}

/** MurmurHash3's last step: neighbours become strangers. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
