import { worldLists } from '../../contracts/world.ts';
import type { World, WorldList } from '../../contracts/world.ts';

/** Takes a piece of text; the next one comes when its promise is kept. */
export type Write = (text: string) => void | Promise<void>;

/** A world in pieces, so that it never has to be in memory whole. */
export interface WorldSource {
  platform: World['platform'];
  /** The entries of a list, members in the order of the world file. Asked for in the order of the file. */
  list(name: WorldList): Iterable<object> | AsyncIterable<object>;
}

const pieceLength = 65_536;

/** Writes a world as JSON text, one line for each entry, in pieces of about 64 KB. */
export async function writeWorldSource(source: WorldSource, write: Write): Promise<void> {
  let piece = `{\n"platform": ${JSON.stringify(source.platform)}`;
  for (const name of worldLists) {
    piece += `,\n${JSON.stringify(name)}: [`;
    let separator = '\n';
    for await (const entry of source.list(name)) {
      piece += separator + JSON.stringify(entry);
      separator = ',\n';
      if (piece.length < pieceLength) continue;
      await write(piece);
      piece = '';
    }
    piece += separator === '\n' ? ']' : '\n]';
  }
  await write(`${piece}\n}\n`);
}

/** Writes a world that is in memory as JSON text; unlike one big string, this has no limit of size. */
export function writeWorld(world: World, write: Write): Promise<void> {
  return writeWorldSource({ platform: world.platform, list: (name) => world[name] }, write);
}
