import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { generateWorld } from '../adapters/reference/generate-world.ts';
import type { Answer } from './output.ts';

export interface GenerateOptions {
  users: number;
  seed: string;
  shape?: 'small-business' | 'university' | 'enterprise';
  out?: string;
}

/** `world generate`: streams a world of any size; the same for the same seed. */
export async function generate({ users, seed, shape, out }: GenerateOptions): Promise<Answer> {
  const target: Writable = out === undefined ? process.stdout : createWriteStream(out);
  const write = async (text: string): Promise<void> => {
    if (!target.write(text)) await once(target, 'drain');
  };
  await generateWorld({ users, seed, ...(shape ? { shape } : {}), write });
  if (out === undefined) return { json: undefined, text: '' };
  await finished(target.end());
  return { json: { users, seed, out }, text: `Wrote ${out}` };
}
