import type { UserId } from '../contracts/ids.ts';

/** Facts by the user that they are about. */
export function byUser<T extends { user: UserId }>(facts: readonly T[]): Map<UserId, T[]> {
  const map = new Map<UserId, T[]>();
  for (const fact of facts) {
    const known = map.get(fact.user);
    if (known) known.push(fact);
    else map.set(fact.user, [fact]);
  }
  return map;
}
