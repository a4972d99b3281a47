interface Mark {
  atMs: number;
  users: number;
  chunks: number;
}

/** How fast an operation is applied, measured from chunk to chunk by the workflow's own clock, which a replay sees again. */
export class Rate {
  private first: Mark | null = null;
  private last: Mark | null = null;

  /** Measures anew: what follows a pause or another pace is not compared with what was before. */
  restart(): void {
    this.first = null;
    this.last = null;
  }

  /** So many users and chunks have been applied by now. */
  mark(atMs: number, users: number, chunks: number): void {
    this.last = { atMs, users, chunks };
    this.first ??= this.last;
  }

  /** Users a second; null while there is nothing to go by. */
  get usersPerSecond(): number | null {
    const { elapsedMs, users } = this.since();
    return elapsedMs > 0 && users > 0 ? (users * 1000) / elapsedMs : null;
  }

  /**
   * How long so many more chunks will take, and until when, in milliseconds; null while there is nothing to go by.
   *
   * @param atLeastMs how long they take at the pace that was asked for
   */
  forecast(chunksLeft: number, atLeastMs: number): { leftMs: number; untilMs: number } | null {
    const { elapsedMs, chunks } = this.since();
    if (this.last === null || chunks === 0 || chunksLeft <= 0) return null;
    const leftMs = Math.max(atLeastMs, (chunksLeft * elapsedMs) / chunks);
    return { leftMs, untilMs: this.last.atMs + leftMs };
  }

  private since(): { elapsedMs: number; users: number; chunks: number } {
    const { first, last } = this;
    if (first === null || last === null) return { elapsedMs: 0, users: 0, chunks: 0 };
    return {
      elapsedMs: last.atMs - first.atMs,
      users: last.users - first.users,
      chunks: last.chunks - first.chunks,
    };
  }
}
