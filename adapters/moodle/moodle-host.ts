import type { HostEffect, HostLms } from '../host-lms.ts';
import { grantAccess, revokeAccess } from './effects/access.ts';
import { leaveCoAuthors, rejoinCoAuthors } from './effects/co-authors.ts';
import { deleteGroups, restoreGroups } from './effects/delete-groups.ts';
import { enrolQualified } from './effects/enrol-qualified.ts';
import { removeLinks, restoreLinks } from './effects/links.ts';
import { leaveGroups } from './effects/memberships.ts';
import { transferOwnership } from './effects/ownership.ts';
import { reinstateAccount } from './effects/reinstate-account.ts';
import { rejoinGroups } from './effects/rejoin-groups.ts';
import { removeRegistrations } from './effects/remove-registrations.ts';
import { retireAccount } from './effects/retire-account.ts';
import { leaveSeats, rejoinSeats } from './effects/seats.ts';
import { reenrol, unenrol } from './effects/unenrol.ts';
import { moodleGroups } from './deletable-groups.ts';
import { findUsers } from './find-users.ts';
import { findGroup } from './groups.ts';
import type { MoodlePolicy, MoodleUnenrol } from './moodle-policy.ts';
import { checkSchema } from './preflight.ts';
import { readAccounts } from './read-accounts.ts';
import { coursesNamed, searchCourses } from './read-catalogue.ts';
import { moodleContent } from './read-content.ts';
import { readDeletionFacts } from './read-deletion-facts.ts';
import { readMemberFacts } from './read-member-facts.ts';
import { moodleRegistrations } from './read-registrations.ts';
import { readReinstatement } from './read-reinstatement.ts';
import { moodleReports } from './read-report.ts';
import { countLivingUsers, readActors, readPlatform } from './read-users.ts';
import { refreshCaches } from './refresh-caches.ts';
import { checkTablePrefix, prefixedEffect, prefixedSql } from './table-prefix.ts';
import { moodleTables } from './tables.ts';
import { findUndoObstacles } from './undo-obstacles.ts';

export interface MoodleOptions {
  /** Of Moodle's tables; its default is `mdl_`. */
  tablePrefix: string;
  policy: MoodlePolicy;
  /** What unenrolling does; by default it suspends. */
  unenrol?: MoodleUnenrol | undefined;
  /** A shell command line that empties Moodle's caches. Without one, living users may see stale ones. */
  cacheCommand?: string | undefined;
}

/**
 * Moodle 4.5 on PostgreSQL: deleting users, reinstating them, removing them from groups, deleting these, taking content from cohorts,
 * registrations and qualifications, and the undo of all that. Everything is SQL on Moodle's own tables; observers of other plugins do not run.
 *
 * Site administrators and the guest are never deleted: the guest is found by no reference, and every change that is part of
 * deleting a site administrator ends as a conflict. Out of a group they may be taken.
 *
 * @throws when the prefix could not be one
 */
export function moodleHost({
  tablePrefix,
  policy,
  unenrol: manner = 'suspend',
  cacheCommand,
}: MoodleOptions): HostLms {
  const prefix = checkTablePrefix(tablePrefix);
  const effects = effectsOf(prefix, policy, manner);
  return {
    name: 'moodle',
    preflight: (sql) => checkSchema(prefixedSql(prefix, sql), prefix),
    tables: (sql) => moodleTables(sql, prefix, effects),
    platform: (sql) => readPlatform(prefixedSql(prefix, sql)),
    findUsers: (sql, references) => findUsers(prefixedSql(prefix, sql), references),
    users: (sql, ids) => readActors(prefixedSql(prefix, sql), ids),
    accounts: (sql, query) => readAccounts(prefixedSql(prefix, sql), query),
    findGroup: (sql, id) => findGroup(prefixedSql(prefix, sql), id),
    memberFacts: (sql, ids, within) => readMemberFacts(prefixedSql(prefix, sql), ids, within),
    deletionFacts: (sql, ids, within) => readDeletionFacts(prefixedSql(prefix, sql), policy, ids, within),
    content: moodleContent(prefix, policy),
    registrations: moodleRegistrations(prefix, policy, manner),
    groups: moodleGroups(prefix, policy),
    audiences: () => Promise.resolve([]),
    catalogue: {
      search: (sql, text, limit) => searchCourses(prefixedSql(prefix, sql), text, limit),
      named: (sql, ids) => coursesNamed(prefixedSql(prefix, sql), ids),
    },
    reports: moodleReports(prefix),
    countLivingUsers: (sql) => countLivingUsers(prefixedSql(prefix, sql)),
    reinstatementFacts: (sql, user, recorded) => readReinstatement(prefixedSql(prefix, sql), user, recorded),
    undoObstacles: (sql, changes) => findUndoObstacles(prefixedSql(prefix, sql), changes),
    ...(cacheCommand !== undefined && { refresh: () => refreshCaches(cacheCommand) }),
    effects,
  };
}

function effectsOf(prefix: string, policy: MoodlePolicy, manner: MoodleUnenrol): HostLms['effects'] {
  const real = (effect: HostEffect) => prefixedEffect(prefix, effect);
  return {
    'ownership.transfer': real(transferOwnership),
    'co-role.remove': real(leaveCoAuthors),
    'co-role.add': real(rejoinCoAuthors),
    'slot.leave': real(leaveSeats),
    'slot.join': real(rejoinSeats),
    'membership.remove': real(leaveGroups(policy)),
    'membership.add': real(rejoinGroups),
    'group.delete': real(deleteGroups(policy)),
    'group.add': real(restoreGroups),
    'link.remove': real(removeLinks(policy)),
    'link.add': real(restoreLinks),
    'access.revoke': real(revokeAccess(policy)),
    'access.grant': real(grantAccess),
    'registration.unenrol': real(unenrol(policy, manner)),
    'registration.reenrol': real(reenrol),
    'registration.remove': real(removeRegistrations(policy)),
    'registration.add': real(enrolQualified),
    'account.retire': real(retireAccount(policy)),
    'account.reinstate': real(reinstateAccount),
  };
}
