import { worldLists } from '../../../contracts/world.ts';
import type { World } from '../../../contracts/world.ts';
import { admin, emailOf, owner, root } from '../../support/world-builder.ts';

/** What each name adds to the ids of its own copy of a world. */
export function tokenOf(name: string): string {
  return `.${name.replaceAll('/', '-')}`;
}

/**
 * The same world once for each name, side by side on one platform: users, groups and items of their own, and the
 * platform's owner, admin and root group in common. So one fault meets many lives at once, each at another point. Seats
 * are without limit: where they are few, whoever comes back waits for the others, lest the last one is given away twice.
 */
export function cohorts(life: World, names: readonly string[]): World {
  const own = ownStrings(life);
  const many: World = { ...life, platform: { ...life.platform, seats: null } };
  for (const list of worldLists) {
    const rows: object[] = life[list];
    const common = rows.filter((row) => JSON.stringify(row) === JSON.stringify(renamed(row, own, '.x')));
    const copied = rows.filter((row) => !common.includes(row));
    const copies = names.flatMap((name) => copied.map((row) => renamed(row, own, tokenOf(name))));
    Object.assign(many, { [list]: [...common, ...copies] });
  }
  return many;
}

/** The life of one name in a dump, as if it were the only one; the moment of a deletion reads `now`. */
export function lifeOf(dump: World, name: string): Partial<World> {
  const token = tokenOf(name);
  const life = worldLists.map((list) => {
    const rows: object[] = dump[list];
    return [list, rows.filter((row) => JSON.stringify(row).includes(token))];
  });
  return withoutToken(timeless(Object.fromEntries(life) as Partial<World>), name);
}

/** What belongs to none of the names. */
export function commonOf(dump: World, names: readonly string[]): Partial<World> {
  const tokens = names.map(tokenOf);
  const common = worldLists.map((list) => {
    const rows: object[] = dump[list];
    return [list, rows.filter((row) => !tokens.some((token) => JSON.stringify(row).includes(token)))];
  });
  return { ...(Object.fromEntries(common) as Partial<World>), platform: dump.platform };
}

export function withoutToken<T>(value: T, name: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll(tokenOf(name), '')) as T;
}

function timeless(life: Partial<World>): Partial<World> {
  const users = (life.users ?? []).map((user) =>
    user.deletedBy === admin ? { ...user, deletedAt: 'now' } : user,
  );
  return { ...life, users };
}

/** Every id of the world that is not common to all, and the email that goes with it. */
function ownStrings(life: World): ReadonlyMap<string, (token: string) => string> {
  const { users, groups, courses, paths, pathSessions, slots, activities, items, qualifications } = life;
  const lists = [users, groups, courses, paths, pathSessions, slots, activities, items, qualifications];
  const ids = lists.flatMap((rows: readonly { id: string }[]) => rows.map((row) => row.id));
  const own = ids.filter((id) => ![owner, admin, root].includes(id));
  return new Map(
    own.flatMap((id) => [
      [id, (token: string) => `${id}${token}`],
      [emailOf(id), (token: string) => emailOf(id).replace('@', `${token}@`)],
    ]),
  );
}

function renamed<T>(value: T, own: ReturnType<typeof ownStrings>, token: string): T {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'string' ? (own.get(member)?.(token) ?? member) : member,
  );
  return JSON.parse(text) as T;
}
