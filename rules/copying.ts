/**
 * Copying an activity that is inside of a course (D-12).
 *
 * - The ownership of such an activity is not transferred: who wants to own one copies it. The copy is a new activity that belongs
 *   to the new owner; kind and title are kept, and the original is left as it is.
 * - Who may: the new owner, holding author or admin in the group that owns the course of the copy (rules A).
 * - A deleted user owns nothing new.
 */
import type { PlannedChange } from '../contracts/changes.ts';
import type { ActivityFact, CourseActivityFact, PlatformFacts, UserFact } from '../contracts/facts.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { copyForbidden } from './authorization.ts';
import type { Actor } from './authorization.ts';

/** Why the copy cannot be made; null when it can. */
export function copyRefused(
  actor: Actor,
  newOwner: UserFact,
  course: ActivityFact,
  platform: PlatformFacts,
): Problem | null {
  if (!newOwner.living)
    return { type: 'NotFound', message: `input.newOwner: user ${newOwner.id} is deleted` };
  return copyForbidden(actor, newOwner.id, course, platform);
}

/** The copy; its id is given by the host. */
export function copy(activity: CourseActivityFact, course: ActivityFact, owner: UserId): PlannedChange {
  return {
    step: 'copyActivities',
    kind: 'activity.copy',
    user: owner,
    item: { activity: activity.id, course: course.id },
    before: null,
    after: { owner },
    reason: { rule: 'D-12', because: 'a copy was asked for: ownership of the original is not transferred' },
  };
}

/** A copy that was planned, and could not be made. */
export function notCopied(user: UserId): Problem {
  return {
    type: 'PlanChanged',
    message: `user ${user}: nothing was copied: the activity, its course or the account is gone`,
  };
}
