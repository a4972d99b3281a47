import { expect, test } from 'vitest';
import { WorldRefused, parseWorld } from '../../contracts/world.ts';
import type { World } from '../../contracts/world.ts';
import { tinyWorld } from './tiny-world.ts';

/** What is wrong with a document, as `path: message`; nothing when it is a valid world. */
export function problemsOf(json: unknown, at?: Date): string[] {
  try {
    parseWorld(json, at);
    return [];
  } catch (error) {
    if (!(error instanceof WorldRefused)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

/** What is wrong with the tiny world after a change. */
export function refusals(change: (world: World) => void): string[] {
  const world = tinyWorld();
  change(world);
  return problemsOf(world);
}

/** A test that the tiny world is refused after a change, for exactly these problems. */
export function refuses(what: string, change: (world: World) => void, ...problems: string[]): void {
  test(`refuses ${what}`, () => expect(refusals(change)).toEqual(problems));
}

/** A test that the tiny world is still accepted after a change. */
export function accepts(what: string, change: (world: World) => void): void {
  test(`accepts ${what}`, () => expect(refusals(change)).toEqual([]));
}

/** Breaks members of an entry, also to what their type forbids. */
export function spoil(entry: object | undefined, members: Record<string, unknown>): void {
  Object.assign(entry ?? {}, members);
}
