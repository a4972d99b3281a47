import type { Path } from './world-refused.ts';
import { worldLists } from './world-shape.ts';
import type { World, WorldList } from './world-shape.ts';
import { isPlainObject } from './world-values.ts';

/** A part of a world of which any member may have been unusable, and then is undefined. */
export type Loose<T> = { readonly [Key in keyof T]?: LooseMember<T[Key]> };
type LooseMember<T> = T extends (infer Entry)[] ? readonly (Entry | undefined)[] : T | undefined;

/** A world with holes where its shape is wrong, so that everything else can still be checked. */
export type LooseWorld = { readonly platform: Loose<World['platform']> } & {
  readonly [List in WorldList]: readonly Loose<World[List][number]>[];
};

/**
 * Takes what is usable out of a document whose shape has mistakes.
 *
 * @param broken the paths of the values that have the wrong type
 */
export function loosenWorld(json: unknown, broken: readonly Path[]): LooseWorld {
  const usable = punch(json, holesAt(broken));
  const document = isPlainObject(usable) ? usable : {};
  const lists = worldLists.map((name) => [name, rows(document[name])]);
  return { platform: row(document['platform']), ...Object.fromEntries(lists) } as LooseWorld;
}

function rows(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(row) : [];
}

function row(value: unknown): Record<string, unknown> {
  return isPlainObject(value) ? value : {};
}

/** The broken paths as a tree; an empty map is a broken value. */
type Holes = Map<PropertyKey, Holes>;

function holesAt(paths: readonly Path[]): Holes | undefined {
  const root: Holes = new Map<PropertyKey, Holes>();
  for (const path of paths) {
    let holes = root;
    for (const key of path) {
      const deeper: Holes = holes.get(key) ?? new Map<PropertyKey, Holes>();
      holes.set(key, deeper);
      holes = deeper;
    }
  }
  return paths.length === 0 ? undefined : root;
}

/** Copies a value without what is broken in it. */
function punch(value: unknown, holes: Holes | undefined): unknown {
  if (holes === undefined) return value;
  if (holes.size === 0) return undefined;
  if (Array.isArray(value)) return value.map((entry, i) => punch(entry, holes.get(i)));
  if (!isPlainObject(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, punch(entry, holes.get(key))]));
}
