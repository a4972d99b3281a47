import type { HostEffect, HostLms } from '../host-lms.ts';
import { leaveCoAuthors, rejoinCoAuthors } from './effects/co-authors.ts';
import { leaveGroups, rejoinGroups } from './effects/memberships.ts';
import { transferOwnership } from './effects/ownership.ts';
import { reinstateAccount } from './effects/reinstate-account.ts';
import { retireAccount } from './effects/retire-account.ts';
import { leaveSeats, rejoinSeats } from './effects/seats.ts';
import { findUsers } from './find-users.ts';
import type { MoodlePolicy } from './moodle-policy.ts';
import { checkSchema } from './preflight.ts';
import { readDeletionFacts } from './read-deletion-facts.ts';
import { countLivingUsers, readActors, readPlatform } from './read-users.ts';
import { checkTablePrefix, prefixedEffect, prefixedSql } from './table-prefix.ts';
import { findUndoObstacles } from './undo-obstacles.ts';

export interface MoodleOptions {
  /** Of Moodle's tables; its default is `mdl_`. */
  tablePrefix: string;
  policy: MoodlePolicy;
}

/**
 * Moodle 4.5 on PostgreSQL: deleting users, and its undo. Everything is SQL on Moodle's own tables; observers of
 * other plugins do not run.
 *
 * Site administrators and the guest are never deleted: the guest is found by no reference, and every change of a site
 * administrator ends as a conflict.
 *
 * @throws when the prefix could not be one
 */
export function moodleHost({ tablePrefix, policy }: MoodleOptions): HostLms {
  const prefix = checkTablePrefix(tablePrefix);
  return {
    name: 'moodle',
    preflight: (sql) => checkSchema(prefixedSql(prefix, sql), prefix),
    platform: (sql) => readPlatform(prefixedSql(prefix, sql)),
    findUsers: (sql, references) => findUsers(prefixedSql(prefix, sql), references),
    users: (sql, ids) => readActors(prefixedSql(prefix, sql), ids),
    deletionFacts: (sql, ids) => readDeletionFacts(prefixedSql(prefix, sql), policy, ids),
    countLivingUsers: (sql) => countLivingUsers(prefixedSql(prefix, sql)),
    undoObstacles: (sql, changes) => findUndoObstacles(prefixedSql(prefix, sql), changes),
    effects: effects(prefix, policy),
  };
}

function effects(prefix: string, policy: MoodlePolicy): HostLms['effects'] {
  const real = (effect: HostEffect) => prefixedEffect(prefix, effect);
  return {
    'ownership.transfer': real(transferOwnership),
    'co-role.remove': real(leaveCoAuthors),
    'co-role.add': real(rejoinCoAuthors),
    'slot.leave': real(leaveSeats),
    'slot.join': real(rejoinSeats),
    'membership.remove': real(leaveGroups),
    'membership.add': real(rejoinGroups),
    'account.retire': real(retireAccount(policy)),
    'account.reinstate': real(reinstateAccount),
  };
}
