import type { EffectStatement, HostEffect } from '../../host-lms.ts';
import { putBack } from './put-back.ts';
import type { RestorableTable } from './put-back.ts';
import { belongings, interests } from './retire-belongings.ts';
import { contextRows } from './retire-context.ts';
import { courseRows } from './retire-courses.ts';
import { rewind, rewoundName, withdraw, withdrawnName } from './rewind.ts';

/** Only in an undo: a reinstatement says `logins: false`, and brings less back (D-20). */
const inUndo = /* sql */ `
  (i.change_id in (select t.id from todo t where coalesce((t.after->>'logins')::boolean, true)))`;

/**
 * What does not come back with a reinstated account. Logins and tokens: whatever lets somebody, or somebody's feed reader or app,
 * in as it is. What the account logs in with is no login: password, linked logins of an identity provider, the permission
 * to use a web service (without its token), and the old password hashes, which only keep a password from being used again.
 * And memberships, which the operator chooses: each has a change of its own, which membership.add takes back. One that came in
 * after the deletion was planned has none, and stays away.
 */
const inUndoOnly: ReadonlySet<string> = new Set([
  'sessions',
  'external_tokens',
  'oauth2_refresh_token',
  'user_private_key',
  'cohort_members',
]);

/** The role that makes somebody admin of a category or of the system: a membership, too. */
const office = /* sql */ `
  exists (select from {role} o join {context} c on c.id = r.contextid and c.contextlevel in (10, 40)
           where o.id = r.roleid and o.archetype = 'manager')`;

/** Deleted rows that must wait until contexts and tags are back. */
const late: readonly RestorableTable[] = [
  {
    table: 'role_assignments',
    needs: { roleid: 'role', contextid: 'context' },
    unique: true,
    when: `(${inUndo} or not ${office})`,
  },
  { ...interests, needs: { tagid: 'tag', contextid: 'context' } },
];

const early: readonly RestorableTable[] = [
  ...[...courseRows, ...belongings, ...contextRows].filter(({ table }) => table !== 'role_assignments'),
  { table: 'tag' },
].map(({ table, needs }: RestorableTable) => ({
  table,
  ...(needs && { needs }),
  ...(inUndoOnly.has(table) && { when: inUndo }),
}));

/**
 * The user row, as it was. Compared: that it still is as the deletion left it, that nobody has the user name now, nor,
 * unless the site lets accounts share one, the email (EmailTaken).
 */
const reinstated: EffectStatement = {
  ctes: /* sql */ `
    left_behind as materialized (
      select i.change_id, i.before, i.after from image i where i.table_name = '{user}'),
    held as materialized (
      select i.change_id, u.id, to_jsonb(u) as image, was.*
        from left_behind i
       cross join lateral jsonb_to_record(i.before) as was (mnethostid bigint, username text, email text, idnumber text,
             picture bigint, timemodified bigint)
        join {user} u on u.id = (i.after->>'id')::bigint
       where u.deleted <> 0 -- not '= 1': few are, so its index would be tried before the key
         and u.username = i.after->>'username' and u.email = i.after->>'email'
       order by u.id for update of u),
    -- By way of an array: one pass over the users, whatever the planner takes the number of changes for.
    taken as materialized (
      select w.email
        from (select unnest(array (select distinct lower(h.email) from held h where h.email <> '')) as email) w
        join {user} other on lower(other.email) = w.email and other.deleted = 0
       where not exists (select from {config} where name = 'allowaccountssameemail' and value = '1')),
    free as (
      select h.* from held h
       where not exists (
               select from {user} other
                where other.mnethostid = h.mnethostid and other.username = h.username and other.id <> h.id)
         and lower(h.email) not in (select email from taken)),
    reinstated as (
      update {user} u
         set deleted = 0, username = f.username, email = f.email, idnumber = f.idnumber, picture = f.picture,
             timemodified = f.timemodified
        from free f where u.id = f.id
      returning f.change_id, '{user}' as table_name, f.image as before, to_jsonb(u) as after),
    decided as (select change_id from reinstated)`,
  images: ['reinstated'],
};

/** The erasure request that the deletion made goes, if nobody has touched it: it would erase a living account. */
const overwritten: EffectStatement = {
  ctes: [
    rewind('groups', ['timemodified']),
    rewind('course_modules_completion', ['completionstate', 'timemodified']),
    withdraw('tool_dataprivacy_request'),
  ].join(','),
  images: [
    rewoundName('groups'),
    rewoundName('course_modules_completion'),
    withdrawnName('tool_dataprivacy_request'),
  ],
};

/**
 * account.reinstate: the account and everything that account.retire deleted, with the same ids, as far as courses, groups and
 * the like are still there; in a reinstatement (D-20) without logins, tokens and memberships. Moodle's own journals stay: log,
 * grade history, session flags.
 *
 * Enrolments, course groups, roles and grades are Moodle's registrations and history, which a deletion is to leave alone (D-02)
 * and Moodle does not: they come back with the account whatever the operator chose (under the policy `host`, which hands nothing on,
 * with the roles of an author). Those that hang on a cohort that the
 * user does not join again are Moodle's to end, with its next synchronisation.
 */
export const reinstateAccount: HostEffect = {
  statements: [reinstated, overwritten, putBack(early), putBack(late)],
};
