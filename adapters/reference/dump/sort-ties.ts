import { compareResults } from '../../../contracts/world.ts';
import type { WorldRow } from '../../../contracts/world.ts';

type HistoryRow = WorldRow<'history'>;

/** Puts history that happened at one instant in the order of its results; the rows come sorted by all else. */
export async function* sortTies(rows: AsyncIterable<HistoryRow>): AsyncGenerator<HistoryRow, void> {
  let tied: HistoryRow[] = [];
  for await (const row of rows) {
    if (tied[0] !== undefined && !isTie(tied[0], row)) {
      yield* inOrder(tied);
      tied = [];
    }
    tied.push(row);
  }
  yield* inOrder(tied);
}

function isTie(a: HistoryRow, b: HistoryRow): boolean {
  return a.user === b.user && a.activity === b.activity && a.at === b.at && a.kind === b.kind;
}

function inOrder(tied: HistoryRow[]): HistoryRow[] {
  return tied.length === 1 ? tied : tied.sort((a, b) => compareResults(a.result, b.result));
}
