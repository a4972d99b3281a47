import { registrationKey } from '../contracts/ids.ts';
import type { UserId } from '../contracts/ids.ts';

/** A line that names a user, or a registration of a user, and the chunk that it went into. */
interface PlacedLine {
  user: UserId;
  activity: string | null;
  chunk: number;
}

/**
 * Gives lines their chunks, in order: a chunk that is full is followed by the next one, but all lines of a user are in one
 * chunk, because chunks are applied side by side.
 */
export class ChunkPlaces {
  private readonly chunkLines: number;
  private readonly last: { chunk: number; lines: number };
  private readonly named = new Set<string>();
  private readonly chunks = new Map<UserId, number>();

  /**
   * @param chunkLines how many lines fill a chunk
   * @param last the chunk that was filled last
   * @param before earlier lines of users who may be named again
   */
  constructor(chunkLines: number, last: { chunk: number; lines: number }, before: readonly PlacedLine[]) {
    this.chunkLines = chunkLines;
    this.last = { ...last };
    for (const { user, activity, chunk } of before) {
      this.named.add(nameOf(user, activity));
      if (chunk > 0) this.chunks.set(user, chunk);
    }
  }

  /** The chunk of the next line; 0 when it repeats an earlier one. */
  chunkFor(user: UserId, activity: string | null): number {
    const name = nameOf(user, activity);
    if (this.named.has(name)) return 0;
    this.named.add(name);
    const known = this.chunks.get(user);
    if (known !== undefined && known !== this.last.chunk) return known;
    if (known === undefined && this.last.lines >= this.chunkLines) {
      this.last.chunk += 1;
      this.last.lines = 0;
    }
    this.last.lines += 1;
    this.chunks.set(user, this.last.chunk);
    return this.last.chunk;
  }
}

function nameOf(user: UserId, activity: string | null): string {
  return activity === null ? user : registrationKey({ user, activity });
}
