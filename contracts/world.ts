/** The world file: its shape, its contract, and its canonical form (world file). */
export { canonicalJson, compareResults } from './world/canonical-json.ts';
export { canonicalWorld } from './world/canonical-world.ts';
export { parseWorld } from './world/parse-world.ts';
export { WorldRefused } from './world/world-refused.ts';
export { worldLists } from './world/world-shape.ts';
export type { World, WorldList, WorldRow } from './world/world-shape.ts';
