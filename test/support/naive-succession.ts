import type { World } from '../../contracts/world.ts';

/**
 * What the rules say that a deletion leaves behind, written down in the simplest way there is: no speed, no
 * reasons, no database. `deletedAt` is left for the caller to fill in.
 */
export function worldWithout(before: World, user: string, by: string, now: Date): World {
  const after = structuredClone(before);
  const groupsOfUser = new Set(before.memberships.filter((m) => m.user === user).map((m) => m.group));

  // D-01, D-02
  after.memberships = after.memberships.filter((m) => m.user !== user);
  for (const account of after.users) {
    if (account.id !== user) continue;
    account.status = 'deleted';
    account.deletionKind = 'manual';
    account.deletedBy = by;
    account.loginSessions = 0;
  }

  // D-05 to D-09, D-11
  for (const item of [...after.courses, ...after.paths]) {
    const heir = item.mainAuthor === user ? authorAfter(after, item.coAuthors, item.ownerGroup) : null;
    item.mainAuthor = heir ?? item.mainAuthor;
    item.coAuthors = item.coAuthors.filter((co) => co !== user && co !== heir);
  }

  // D-10, D-11
  for (const session of after.pathSessions) {
    const mainAuthor = after.paths.find((path) => path.id === session.path)?.mainAuthor;
    const heir =
      session.mainInstructor === user ? (firstLiving(after, session.coInstructors) ?? mainAuthor) : null;
    session.mainInstructor = heir ?? session.mainInstructor;
    session.coInstructors = session.coInstructors.filter((co) => co !== user && co !== heir);
    // G-08, G-09
    if (session.audience === 'dynamic' && session.audienceGroups.some((group) => groupsOfUser.has(group))) {
      session.participants = session.participants.filter((participant) => participant !== user);
    }
  }

  // D-03
  for (const slot of after.slots) {
    if (Date.parse(slot.startsAt) > now.getTime()) {
      slot.attendees = slot.attendees.filter((attendee) => attendee !== user);
    }
  }
  return after;
}

export function authorAfter(world: World, coAuthors: readonly string[], ownerGroup: string): string {
  const parent = world.groups.find((group) => group.id === ownerGroup)?.parent ?? null;
  return (
    firstLiving(world, coAuthors) ??
    eldestAdmin(world, ownerGroup) ??
    (parent === null ? undefined : eldestAdmin(world, parent)) ??
    world.platform.owner
  );
}

export function firstLiving(world: World, candidates: readonly string[]): string | undefined {
  return candidates.find((id) => world.users.some((user) => user.id === id && user.status === 'active'));
}

function eldestAdmin(world: World, group: string): string | undefined {
  return world.memberships
    .filter((m) => m.group === group && m.role === 'admin' && firstLiving(world, [m.user]) !== undefined)
    .sort((a, b) => microseconds(a.since) - microseconds(b.since) || byCodePoint(a.user, b.user))[0]?.user;
}

/** An instant with its fraction as fine as databases keep it. */
export function microseconds(instant: string): number {
  const fraction = /\.(\d+)/.exec(instant)?.[1] ?? '';
  const whole = Date.parse(instant.replace(/\.\d+/, ''));
  return whole * 1000 + Number(`${fraction}000000`.slice(0, 6));
}

export function byCodePoint(left: string, right: string): number {
  const [a, b] = [left, right].map((text) => Array.from(text, (char) => char.codePointAt(0) ?? 0));
  const lefts = a ?? [];
  const rights = b ?? [];
  for (const [index, point] of lefts.entries()) {
    const other = rights[index];
    if (other === undefined) return 1;
    if (point !== other) return point - other;
  }
  return lefts.length - rights.length;
}
