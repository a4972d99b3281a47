import type { PlannedChange } from './changes.ts';

/** A change that was applied, by its id in the ledger. */
export type AppliedChange = Pick<PlannedChange, 'step' | 'kind' | 'user' | 'item' | 'before' | 'after'> & {
  id: string;
};

/**
 * Why a change cannot be taken back.
 *
 * | obstacle | meaning |
 * | --- | --- |
 * | already | the row is already as it was before |
 * | gone | the group, session, slot or item no longer exists |
 * | moved-on | somebody else holds it, or the account was changed otherwise |
 * | user-deleted | the user has been deleted since, and does not come back with this |
 * | begun | the slot is no longer upcoming |
 * | slot-full | the slot has no free seat |
 * | no-place | the user has no place in the slot's session |
 * | not-in-audience | the session's dynamic audience no longer holds the user (G-08) |
 * | email-taken | another living account has the email now (EmailTaken) |
 * | no-seat | the platform has no free seat (NoSeat) |
 */
export type Obstacle =
  | 'already'
  | 'gone'
  | 'moved-on'
  | 'user-deleted'
  | 'begun'
  | 'slot-full'
  | 'no-place'
  | 'not-in-audience'
  | 'email-taken'
  | 'no-seat';

/** What hinders one change from being taken back. */
export interface UndoObstacle {
  id: string;
  obstacle: Obstacle;
}
