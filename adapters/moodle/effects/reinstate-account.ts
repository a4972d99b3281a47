import type { EffectStatement, HostEffect } from '../../host-lms.ts';
import { putBack } from './put-back.ts';
import type { RestorableTable } from './put-back.ts';
import { belongings, interests } from './retire-belongings.ts';
import { contextRows } from './retire-context.ts';
import { courseRows } from './retire-courses.ts';
import { rewind, rewoundName, withdraw, withdrawnName } from './rewind.ts';

/** Deleted rows that must wait until contexts and tags are back. */
const late: readonly RestorableTable[] = [
  { table: 'role_assignments', needs: { roleid: 'role', contextid: 'context' }, unique: true },
  { ...interests, needs: { tagid: 'tag', contextid: 'context' } },
];

const early: readonly RestorableTable[] = [
  ...[...courseRows, ...belongings, ...contextRows].filter(({ table }) => table !== 'role_assignments'),
  { table: 'tag' },
].map(({ table, needs }: RestorableTable) => ({ table, ...(needs && { needs }) }));

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
 * account.reinstate in an undo: the account and everything that account.retire deleted, with the same ids, as far as
 * courses, groups and the like are still there. Moodle's own journals stay: log, grade history, session flags.
 */
export const reinstateAccount: HostEffect = {
  statements: [reinstated, overwritten, putBack(early), putBack(late)],
};
