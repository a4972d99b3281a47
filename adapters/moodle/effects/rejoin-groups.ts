import type { EffectStatement, HostEffect } from '../../host-lms.ts';
import { flagDirty } from './dirty-users.ts';
import { act } from './prelude.ts';
import { putBack } from './put-back.ts';
import type { RestorableTable } from './put-back.ts';
import { courseRows } from './retire-courses.ts';
import { rewind, rewoundName, withdraw, withdrawnName } from './rewind.ts';

/** Images of changes whose membership `which` describes. */
const ofChanges = (which: string): string =>
  `(i.change_id in (select t.id from todo t where ${which})) is true`;

const roles: RestorableTable = {
  table: 'role_assignments',
  needs: { roleid: 'role', contextid: 'context' },
  ofLiving: true,
  unique: true,
};

/** The membership itself, which decides: where group, role and account are still there. */
const memberships: readonly RestorableTable[] = [
  { table: 'cohort_members', needs: { cohortid: 'cohort' }, ofLiving: true },
  {
    table: 'groups_members',
    needs: { groupid: 'groups' },
    ofLiving: true,
    when: ofChanges(`t.item->>'group' like 'course-group:%'`),
  },
  { ...roles, when: ofChanges(`t.item->>'role' = 'admin'`) },
];

/** Roles that an enrolment method gave come back only while it is there: nobody would take them away again. */
const methodThere = /* sql */ `
  (r.component not like 'enrol\\_%' or exists (select from {enrol} e where e.id = r.itemid))`;

/** What went with a membership, or an enrolment, of a user who lived on. */
export const consequences: readonly RestorableTable[] = [
  { ...roles, when: methodThere },
  ...courseRows
    .filter(({ table }) => table !== 'role_assignments')
    .map(({ table, needs }) => ({ table, ofLiving: true, ...(needs && { needs }) })),
];

const overwritten: Readonly<Record<string, readonly string[]>> = {
  enrol: ['status'],
  groups: ['timemodified'],
  user_enrolments: ['status', 'timestart', 'timeend', 'modifierid', 'timemodified'],
  quiz_attempts: ['timecheckstate'],
  course_modules_completion: ['completionstate', 'timemodified'],
};
const given = ['user_enrolments', 'role_assignments'];

/** Whose rights come back or go: the flag lets an open session notice. */
const unsettled = /* sql */ `
  unsettled as (
    select (coalesce(i.before, i.after)->>'userid')::bigint as userid
      from image i where i.table_name in ('{user_enrolments}', '{role_assignments}'))`;

/** Suspended enrolments are as they were, enrolments that took their place go: where nobody has changed them since. */
export const rewound: EffectStatement = {
  ctes: [
    act,
    ...Object.entries(overwritten).map(([table, columns]) => rewind(table, columns)),
    ...given.map(withdraw),
    unsettled,
    flagDirty('unsettled'),
  ].join(','),
  images: [...Object.keys(overwritten).map(rewoundName), ...given.map(withdrawnName)],
};

/**
 * membership.add in an undo: the rows as they were, with their ids: the membership, then what went with it. What has lost its
 * course, group or role since stays away.
 */
export const rejoinGroups: HostEffect = {
  statements: [putBack(memberships), rewound, putBack(consequences)],
};
