/** How many statements may be under way at the same time. */
const maxWrites = 4;

interface Waiting<T> {
  item: T;
  done: () => void;
  failed: (error: unknown) => void;
}

/**
 * Writes items that come at about the same time with one call: those that come while others are being written wait and go
 * together. Under load a commit then serves many; an item that comes alone does not wait.
 *
 * @param write writes all of them or none
 * @returns resolves when the item has been written
 */
export function together<T>(write: (items: T[]) => Promise<void>, most: number): (item: T) => Promise<void> {
  const waiting: Waiting<T>[] = [];
  let writes = 0;
  const flush = async (): Promise<void> => {
    if (writes >= maxWrites || waiting.length === 0) return;
    writes += 1;
    await writeAll(write, waiting.splice(0, most));
    writes -= 1;
    void flush();
  };
  return (item) =>
    new Promise((done, failed) => {
      waiting.push({ item, done, failed });
      void flush();
    });
}

/** What cannot be written together is written one by one, so that nobody fails for a neighbour's sake. */
async function writeAll<T>(
  write: (items: T[]) => Promise<void>,
  batch: readonly Waiting<T>[],
): Promise<void> {
  try {
    await write(batch.map(({ item }) => item));
    for (const { done } of batch) done();
  } catch (error) {
    if (batch.length === 1) batch[0]?.failed(error);
    else for (const one of batch) await writeAll(write, [one]);
  }
}
