/** Something that hangs below others, by id. */
export interface Hanging {
  readonly id: string | undefined;
  readonly above: readonly (string | null | undefined)[];
}

/** The reference that closes a cycle: whose, which of its `above`, and the cycle spelled out (`a > b > a`). */
export interface Cycle {
  readonly node: number;
  readonly edge: number;
  readonly chain: string;
}

/** Finds references that close a cycle: at least one of each cycle. Linear in nodes and references. */
export function findCycles(nodes: readonly Hanging[]): Cycle[] {
  const walk = new Walk(nodes);
  for (let start = 0; start < nodes.length; start++) walk.from(start);
  return walk.cycles;
}

/** A depth-first walk upwards that keeps its own trail, so that no chain is too long for it. */
class Walk {
  readonly cycles: Cycle[] = [];
  readonly #nodes: readonly Hanging[];
  readonly #indexOf = new Map<string, number>();
  readonly #trail: { node: number; edge: number }[] = [];
  /** Where on the trail a node stands. */
  readonly #placeOf = new Map<number, number>();
  readonly #done: Uint8Array;

  constructor(nodes: readonly Hanging[]) {
    this.#nodes = nodes;
    this.#done = new Uint8Array(nodes.length);
    nodes.forEach(({ id }, i) => {
      if (id !== undefined) this.#indexOf.set(id, i);
    });
  }

  from(start: number): void {
    if (this.#done[start] === 0) this.#enter(start);
    for (let top = this.#trail.at(-1); top !== undefined; top = this.#trail.at(-1)) {
      if (top.edge < this.#aboveOf(top.node).length) this.#climb(top);
      else this.#leave(top.node);
    }
  }

  #climb(top: { node: number; edge: number }): void {
    const edge = top.edge++;
    const next = this.#indexOf.get(this.#aboveOf(top.node)[edge] ?? '');
    if (next === undefined || this.#done[next] === 1) return;
    const place = this.#placeOf.get(next);
    if (place === undefined) this.#enter(next);
    else this.cycles.push({ node: top.node, edge, chain: this.#spell(place) });
  }

  #enter(node: number): void {
    this.#placeOf.set(node, this.#trail.length);
    this.#trail.push({ node, edge: 0 });
  }

  #leave(node: number): void {
    this.#trail.pop();
    this.#placeOf.delete(node);
    this.#done[node] = 1;
  }

  #aboveOf(node: number): Hanging['above'] {
    return this.#nodes[node]?.above ?? [];
  }

  /** The ids from a place of the trail on, with the middle of a long cycle left out. */
  #spell(place: number): string {
    const ids = this.#trail.slice(place).map(({ node }) => this.#nodes[node]?.id ?? '?');
    const shown = ids.length > 12 ? [...ids.slice(0, 6), '…', ...ids.slice(-5)] : ids;
    return [...shown, ids[0]].join(' > ');
  }
}
