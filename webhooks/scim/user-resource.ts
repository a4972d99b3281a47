import type { AccountFact } from '../../contracts/facts.ts';
import { userSchemaId } from './documents.ts';

/** A user as RFC 7643 §4.1 has it, with what is known here. */
export interface UserResource {
  schemas: string[];
  id: string;
  userName: string;
  active: boolean;
  emails: { value: string; primary: true }[];
  meta: { resourceType: 'User'; location: string };
}

export function userResource(
  { id, userName, email }: AccountFact,
  active: boolean,
  base: string,
): UserResource {
  return {
    ...{ schemas: [userSchemaId], id, userName, active },
    emails: email === '' ? [] : [{ value: email, primary: true }],
    meta: { resourceType: 'User', location: `${base}/Users/${encodeURIComponent(id)}` },
  };
}

/** Which attributes are asked for (RFC 7644 §3.9), by their lower-case names. */
export interface Wanted {
  only: readonly string[] | null;
  without: readonly string[];
}

/** The part of a user that is asked for; what says which user it is always stays. */
export function partOf(user: UserResource, { only, without }: Wanted): Partial<UserResource> {
  const kept = Object.entries(user).filter(([name]) => {
    if (name === 'schemas' || name === 'id') return true;
    const plain = name.toLowerCase();
    return (only === null || only.includes(plain)) && !without.includes(plain);
  });
  return Object.fromEntries(kept);
}
