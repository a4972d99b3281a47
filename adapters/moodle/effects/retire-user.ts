import type { EffectStatement } from '../../host-lms.ts';
import { flagDirty } from './dirty-users.ts';
import { logEvents } from './log-events.ts';
import { act, expectMany, wanted } from './prelude.ts';

/**
 * The user row (Moodle 4.5: measured): the name becomes the email, cleaned like a user name and cut to 89
 * characters, with the time of deletion behind it; the email becomes the hash of the old name; id number and picture
 * are cleared; password and names stay. Where that name is taken the seconds count on, as Moodle does; accounts of one
 * chunk that share an email get one after the other.
 *
 * Where it undoes a reinstatement, the row is again what the deletion of then had made of it, its time included: that is how the
 * record of that deletion knows the account again. What was renamed in between is in the images of this change.
 */
const retired = /* sql */ `
  held as materialized (
    select w.change_id, u.id, u.mnethostid, u.email, u.username, to_jsonb(u) as before,
           case when w.undoes is not null
                then (select i.before from image i where i.change_id = w.change_id and i.table_name = '{user}') end as recorded,
           coalesce(floor(extract(epoch from (w.after->>'deletedAt')::timestamptz))::bigint, act.now) as deleted_at,
           left(regexp_replace(lower(case when u.email <> '' then u.email
                  else u.username || '.' || u.id || '@unknownemail.invalid' end), '[^-.@_a-z0-9]', '', 'g'), 89) as stem
      from wanted w join {user} u on u.id = w.userid cross join act
     where u.deleted = 0 and w.before->>'status' = 'active'
     order by u.id for update of u),
  namesakes as (
    select h.*, row_number() over same as place, max(h.deleted_at) over (partition by h.mnethostid, h.stem) as since
      from held h window same as (partition by h.mnethostid, h.stem order by h.id)),
  named as (
    select n.*, coalesce(n.recorded->>'username', n.stem || '.' || (coalesce(1 + (
             select max(substr(x.username, length(n.stem) + 2)::bigint) from {user} x
              where x.mnethostid = n.mnethostid and length(x.username) = length(n.stem) + 11
                and x.username between n.stem || '.' || n.since and n.stem || '.9999999999'
                and left(x.username, length(n.stem) + 1) = n.stem || '.'
                and right(x.username, 10) ~ '^[0-9]{10}$'), n.since) + n.place - 1)) as new_name
      from namesakes n ${expectMany}),
  retired as (
    update {user} u
       set deleted = 1, username = n.new_name, email = coalesce(n.recorded->>'email', md5(n.username)),
           idnumber = coalesce(n.recorded->>'idnumber', ''), picture = coalesce((n.recorded->>'picture')::bigint, 0),
           timemodified = coalesce((n.recorded->>'timemodified')::bigint, n.deleted_at)
      from named n
     where u.id = n.id
       and (n.recorded is null or not exists (
             select from {user} other
              where other.mnethostid = n.mnethostid and other.username = n.new_name and other.id <> n.id))
    returning n.change_id, '{user}' as table_name, n.before, to_jsonb(u) as after, u.id as userid, n.recorded)`;

/**
 * The context of the account outlives it, but Moodle's clean-up task deletes contexts of deleted users later; this image
 * of an untouched row is what an undo then puts it back from.
 */
const spared = /* sql */ `
  spared_context as (
    select r.change_id, '{context}' as table_name, to_jsonb(c) as before, to_jsonb(c) as after
      from retired r join {context} c on c.contextlevel = 30 and c.instanceid = r.userid)`;

/**
 * Where the site wants it, an erasure request that waits for the privacy officer, unless one is open or was carried out
 * (Moodle 4.5: measured; types and states read: 2 = delete; 6 to 9 = cancelled, rejected, downloaded, expired). Where a
 * reinstatement is undone, retire-account.ts puts the one of then back.
 */
const requested = /* sql */ `
  requested as (
    insert into {tool_dataprivacy_request} as d (type, comments, commentsformat, userid, requestedby, status,
           dpocommentformat, usermodified, timecreated, timemodified, creationmethod)
    select 2, 'Automatically created upon user deletion.', 2, r.userid, act.id, 2, 2, act.id, act.now, act.now, 1
      from retired r cross join act
     where r.recorded is null
       and exists (select from {config_plugins} p where p.plugin = 'tool_dataprivacy'
                      and p.name = 'automaticdeletionrequests' and p.value = '1')
       and not exists (select from {tool_dataprivacy_request} q
                        where q.userid = r.userid and q.type = 2 and q.status not in (6, 7, 8, 9))
    returning d.userid, to_jsonb(d) as after),
  request_images as (
    select r.change_id, '{tool_dataprivacy_request}' as table_name, null::jsonb as before, q.after
      from requested q join retired r on r.userid = q.userid)`;

const loggedDeletion = logEvents(
  'logged_deletion',
  { event: 'user_deleted', action: 'deleted', target: 'user', objecttable: 'user' },
  /* sql */ `
    select r.userid as objectid, u.id as contextid, 0 as courseid, r.userid as relateduserid,
           (select row_to_json(o)::text from (
             select r.before->>'username' as username, r.before->>'email' as email, r.before->>'idnumber' as idnumber,
                    r.before->>'picture' as picture, r.before->>'mnethostid' as mnethostid) o) as other
      from retired r join {context} u on u.contextlevel = 30 and u.instanceid = r.userid`,
);

/** The deciding statement of account.retire: compares that the account lives, locks it and marks it deleted. */
export const retireUser: EffectStatement = {
  ctes: [
    act,
    wanted,
    retired,
    spared,
    requested,
    loggedDeletion,
    flagDirty('retired'),
    'decided as (select change_id from retired)',
  ].join(','),
  images: ['retired', 'spared_context', 'request_images'],
};
