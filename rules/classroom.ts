/**
 * Leaving sessions and slots: the changes themselves, whoever decides that they are due (D-03, G-08).
 */
import type { PlannedChange } from '../contracts/changes.ts';
import type { AttendanceFact, Micros } from '../contracts/facts.ts';
import type { UserId } from '../contracts/ids.ts';
import { instantText } from './instant.ts';

/** Upcoming = strictly after the moment looked at (D-03): a slot that begins in this very moment stays. */
export function isUpcoming({ startsAt }: AttendanceFact, now: Micros): boolean {
  return startsAt > now;
}

export function leaveSlot(
  { user, slot, session, startsAt }: AttendanceFact,
  rule: 'D-03' | 'G-08',
): PlannedChange {
  const when = `starts ${instantText(startsAt)}, which is still to come`;
  return {
    step: 'leaveSlots',
    kind: 'slot.leave',
    user,
    item: { slot, session },
    before: {},
    after: null,
    reason: { rule, because: rule === 'D-03' ? when : `its session is left, and it ${when}` },
  };
}

export function leaveSession(user: UserId, session: string): PlannedChange {
  return {
    step: 'leaveSessions',
    kind: 'session.leave',
    user,
    item: { session },
    before: {},
    after: null,
    reason: { rule: 'G-08', because: 'its dynamic audience holds the user by no group any more' },
  };
}
