/** A user's id in the host, as text whatever the host's own type is. */
export type UserId = string;
/** A group's id in the host, as text. */
export type GroupId = string;
/** One text for a user together with an activity: no id holds the zero character. */
export function registrationKey({ user, activity }: { user: UserId; activity: string }): string {
  return `${user}\0${activity}`;
}

/** Who acts when no person does: schedules and webhooks (rules A). */
export const systemActor = 'system';

/**
 * Orders two ids by code point, as the rules say wherever 'the lowest id' decides.
 * Plain `<` compares UTF-16 code units, which differs beyond the basic plane.
 */
export function compareIds(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a !== b) return rank(a) - rank(b);
  }
  return left.length - right.length;
}

/** Lifts surrogates above the private-use block, so that code units sort like code points. */
function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
