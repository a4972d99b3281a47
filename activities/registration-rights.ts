import type { OperationContext } from './planner.ts';
import { requireRegistrations } from './require-registrations.ts';
import { textOf } from '../contracts/changes.ts';
import type { PlatformFacts } from '../contracts/facts.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { OperationKind } from '../contracts/operations.ts';
import type { ChangeRow } from '../ledger/changes.ts';
import { adminOnly, copyForbidden, registrationForbidden } from '../rules/authorization.ts';
import type { Actor } from '../rules/authorization.ts';

/** Whether the rights on an operation depend on the owner groups of courses and paths, rather than on memberships. */
export function isAboutContent(kind: OperationKind): boolean {
  return kind === 'unenrolUsers' || kind === 'reconcileQualifications' || kind === 'copyActivity';
}

/** Whose registrations or copies the actor has no right on today; one change that is out of reach keeps the user as they are. */
export async function registrationsForbidden(
  { sql, host }: Pick<OperationContext, 'sql' | 'host'>,
  actor: Actor,
  changes: readonly ChangeRow[],
  platform: PlatformFacts,
): Promise<Map<UserId, Problem>> {
  const named = changes.map(whereOf);
  const found = await requireRegistrations(host).activities(sql, [...new Set(named)]);
  const groups = new Map(found.map(({ id, ownerGroup }) => [id, ownerGroup]));
  const refused = new Map<UserId, Problem>();
  changes.forEach(({ kind, user }, i) => {
    const id = named[i] ?? '';
    const activity = { id, ownerGroup: groups.get(id) ?? '' };
    const problem = forbidden(kind, actor, user, activity, platform);
    if (problem) refused.set(user, problem);
  });
  return refused;
}

function forbidden(
  kind: ChangeRow['kind'],
  actor: Actor,
  user: UserId,
  activity: { id: string; ownerGroup: string },
  platform: PlatformFacts,
): Problem | null {
  if (kind === 'activity.copy') return copyForbidden(actor, user, activity, platform);
  if (kind === 'registration.unenrol') return registrationForbidden(actor, activity, platform);
  return adminOnly(actor, platform, 'undo this');
}

/** The course or path whose owner group decides. */
function whereOf({ kind, item }: ChangeRow): string {
  return textOf(item, kind === 'activity.copy' ? 'course' : 'activity');
}
