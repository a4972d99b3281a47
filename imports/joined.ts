/** What has been read already, and the rest. */
export async function* joined(
  start: Buffer | undefined,
  rest: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  if (start) yield start;
  yield* rest;
}
