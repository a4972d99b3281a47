import { isDeleted } from './inspection.ts';
import type { Check, Inspection } from './inspection.ts';

/** The name under which no person acts. A user of that id could not be told from it. */
const system = 'system';

/** Refuses users that contradict themselves or each other, and deleted ones who still have what the living have. */
export const checkUsers: Check = (inspection) => {
  checkEmails(inspection);
  checkDeletions(inspection);
  const { world, report } = inspection;
  world.users.forEach(({ id }, i) => {
    if (id === system) report(['users', i, 'id'], `'${system}' is not a person's id`);
  });
  if (isDeleted(inspection, world.platform.owner)) report(['platform', 'owner'], 'is deleted');
  world.memberships.forEach(({ user }, i) => {
    if (isDeleted(inspection, user)) report(['memberships', i, 'user'], `'${user}' is deleted`);
  });
};

/** No two living users have one email, whatever its case and outer spaces. */
function checkEmails({ world, report }: Inspection): void {
  const seen = new Map<string, number>();
  world.users.forEach(({ email, status }, i) => {
    if (email === undefined || status !== 'active') return;
    const folded = email.trim().toLowerCase();
    const first = seen.get(folded);
    if (first === undefined) seen.set(folded, i);
    else report(['users', i, 'email'], `doubled: $.users[${first}], a living user, has this email too`);
  });
}

/** A deletion leaves no logins; only a deleted user has one on record. */
function checkDeletions({ world, report }: Inspection): void {
  world.users.forEach((user, i) => {
    if (user.status === 'deleted' && (user.loginSessions ?? 0) > 0) {
      report(['users', i, 'loginSessions'], 'a deleted user has no logins');
    }
    if (user.status !== 'active') return;
    for (const member of ['deletedAt', 'deletionKind', 'deletedBy'] as const) {
      if (user[member] != null) report(['users', i, member], 'an active user has not been deleted');
    }
  });
}
