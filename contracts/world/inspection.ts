import type { Loose, LooseWorld } from './loose-world.ts';
import type { Report } from './world-refused.ts';
import type { WorldRow } from './world-shape.ts';

/** What every check of a world gets. */
export interface Inspection {
  readonly world: LooseWorld;
  /** Users by id; of doubled ids the first. */
  readonly users: ReadonlyMap<string, Loose<WorldRow<'users'>>>;
  /** The moment that parts slots that have begun from upcoming ones, as `sortableInstant` writes it. */
  readonly now: string;
  readonly report: Report;
}

/** Looks for one family of mistakes and reports each. Members that are undefined have been reported already. */
export type Check = (inspection: Inspection) => void;

export function inspectionOf(world: LooseWorld, now: string, report: Report): Inspection {
  const users = new Map<string, Loose<WorldRow<'users'>>>();
  for (const user of world.users) {
    if (user.id !== undefined && !users.has(user.id)) users.set(user.id, user);
  }
  return { world, users, now, report };
}

/** Whether the file has this user, as a deleted one. */
export function isDeleted({ users }: Inspection, user: string | undefined): boolean {
  return user !== undefined && users.get(user)?.status === 'deleted';
}
