/** Steps from the document's root to a value. */
export type Path = readonly PropertyKey[];

/** One mistake in a world file: where it is, as a JSON path, and what is wrong there. */
export interface WorldProblem {
  path: string;
  message: string;
}

/** Notes a mistake; the path is spelled out only then. */
export type Report = (path: Path, message: string) => void;

/** A world file that breaks its contract. `problems` and the message have every violation (world file). */
export class WorldRefused extends Error {
  readonly problems: readonly WorldProblem[];
  constructor(problems: readonly WorldProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(`the world has ${count}\n${problems.map(({ path, message }) => `${path}: ${message}`).join('\n')}`);
    this.name = 'WorldRefused';
    this.problems = problems;
  }
}

/** Writes a path as JSON path, for example `$.memberships[3].group`. */
export function jsonPath(path: Path): string {
  return path.reduce<string>((written, key) => {
    if (typeof key === 'number') return `${written}[${key}]`;
    const name = String(key);
    return /^[A-Za-z_$][\w$]*$/.test(name) ? `${written}.${name}` : `${written}[${JSON.stringify(name)}]`;
  }, '$');
}
