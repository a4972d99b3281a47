import type { HostLms } from '../host-lms.ts';
import { reinstateAccounts, retireAccounts } from './effects/account.ts';
import { addGroups, deleteGroups, moveGroups } from './effects/groups.ts';
import { transferOwnership } from './effects/ownership.ts';
import { updateProfiles } from './effects/profiles.ts';
import {
  leaveCoRoles,
  leaveGroups,
  leaveSessions,
  leaveSlots,
  rejoinCoRoles,
  rejoinGroups,
  rejoinSessions,
  rejoinSlots,
} from './effects/rows.ts';
import { removeLinks, restoreLinks } from './effects/links.ts';
import {
  addRegistrations,
  grantAccess,
  reenrol,
  removeRegistrations,
  revokeAccess,
  unenrol,
} from './effects/registrations.ts';
import { readAccounts } from './read-accounts.ts';
import { referenceCatalogue } from './read-catalogue.ts';
import { copyActivities, removeCopies } from './effects/activities.ts';
import { referencePreflight } from './preflight.ts';
import { referenceContent } from './read-content.ts';
import { readDeletionFacts } from './read-deletion-facts.ts';
import { readAudiences, referenceGroups } from './read-group-belongings.ts';
import { findGroup } from './read-groups.ts';
import { referenceRegistrations } from './read-registrations.ts';
import { referenceProfiles } from './read-profiles.ts';
import { referenceReports } from './read-report.ts';
import { readReinstatement } from './read-reinstatement.ts';
import {
  countLivingUsers,
  findUsers,
  readDueUsers,
  readMemberFacts,
  readPlatform,
  readUsers,
} from './read-users.ts';
import { referenceTables } from './tables.ts';
import { findUndoObstacles } from './undo-obstacles.ts';

const effects: HostLms['effects'] = {
  'ownership.transfer': transferOwnership,
  'co-role.remove': leaveCoRoles,
  'co-role.add': rejoinCoRoles,
  'slot.leave': leaveSlots,
  'slot.join': rejoinSlots,
  'session.leave': leaveSessions,
  'session.join': rejoinSessions,
  'membership.remove': leaveGroups,
  'membership.add': rejoinGroups,
  'group.delete': deleteGroups,
  'group.add': addGroups,
  'group.move': moveGroups,
  'profile.update': updateProfiles,
  'link.remove': removeLinks,
  'link.add': restoreLinks,
  'access.revoke': revokeAccess,
  'access.grant': grantAccess,
  'registration.add': addRegistrations,
  'registration.remove': removeRegistrations,
  'registration.unenrol': unenrol,
  'registration.reenrol': reenrol,
  'activity.copy': copyActivities,
  'activity.remove': removeCopies,
  'account.retire': retireAccounts,
  'account.reinstate': reinstateAccounts,
};

/** The reference host: the LMS of the world file, in the schema `lms`. */
export const referenceHost: HostLms = {
  name: 'reference',
  preflight: referencePreflight,
  tables: (sql) => referenceTables(sql, effects),
  platform: readPlatform,
  findUsers,
  users: readUsers,
  accounts: readAccounts,
  findGroup,
  memberFacts: readMemberFacts,
  deletionFacts: readDeletionFacts,
  audiences: readAudiences,
  catalogue: referenceCatalogue,
  reports: referenceReports,
  content: referenceContent,
  registrations: referenceRegistrations,
  groups: referenceGroups,
  profiles: referenceProfiles,
  dueUsers: readDueUsers,
  countLivingUsers,
  reinstatementFacts: readReinstatement,
  undoObstacles: findUndoObstacles,
  effects,
};
