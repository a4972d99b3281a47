import { WorldText } from './read/world-text.ts';

/**
 * Reads JSON text in pieces into one value, for `parseWorld`: like `JSON.parse`, but without its limit of half a
 * gigabyte, and refusing doubled members of the document.
 *
 * @param pieces of text, or of UTF-8; a read stream of a file is one
 * @throws SyntaxError when it is not JSON, saying where in the document; TypeError when it is not UTF-8
 */
export async function readWorld(pieces: AsyncIterable<string | Uint8Array>): Promise<unknown> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const world = new WorldText();
  for await (const piece of pieces) {
    world.add(typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }));
  }
  world.add(decoder.decode());
  return world.end();
}
