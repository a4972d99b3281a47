import { generateWorld } from '../adapters/reference/generate-world.ts';
import type { Answer } from './output.ts';
import { writeText } from './text-target.ts';

export interface GenerateOptions {
  users: number;
  seed: string;
  shape?: 'small-business' | 'university' | 'enterprise';
  out?: string;
}

/** `world generate`: streams a world of any size; the same for the same seed. */
export async function generate({ users, seed, shape, out }: GenerateOptions): Promise<Answer> {
  await writeText(out, (write) => generateWorld({ users, seed, ...(shape ? { shape } : {}), write }));
  if (out === undefined) return { json: undefined, text: '' };
  return { json: { users, seed, out }, text: `Wrote ${out}` };
}
