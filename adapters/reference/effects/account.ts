import type { HostEffect } from '../../host-lms.ts';

/**
 * account.retire (D-01, D-02): the account becomes deleted and every login session and token ends, in one statement.
 * Compared: that it still is active, and is not the platform owner (D-14).
 * A manual deletion records the moment of applying it, an automatic one the instant that the plan names (D-19). Where it
 * undoes a reinstatement, what was recorded of the deletion stands again.
 */
export const retireAccounts: HostEffect = {
  statements: [
    {
      ctes: /* sql */ `
        old as (
          select t.id as change_id, t.after, a.id, to_jsonb(a) as image, was.row as was
            from todo t join lms.account a on a.id = t.user_id
            left join lateral (
              select jsonb_populate_record(null::lms.account, i.before) as row from lms_lifecycle.row_image i
               where i.change_id = t.undoes and i.table_name = 'lms.account') was on true
           where a.status = t.before->>'status'
             and not exists (select from lms.platform where owner_id = a.id)
           order by a.id for update of a),
        retired as (
          update lms.account a
             set status = 'deleted',
                 deletion_kind = coalesce(o.after->>'deletionKind', (o.was).deletion_kind),
                 deleted_by = coalesce(o.after->>'deletedBy', (o.was).deleted_by),
                 deleted_at = coalesce((o.after->>'deletedAt')::timestamptz, (o.was).deleted_at, op.at),
                 deletion_scheduled_on = case when o.was is null then a.deletion_scheduled_on
                                              else (o.was).deletion_scheduled_on end
            from old o, op where a.id = o.id
          returning o.change_id, 'lms.account' as table_name, o.image as before, to_jsonb(a) as after),
        logged_out as (
          delete from lms.login_session s using old o where s.user_id = o.id
          returning o.change_id, 'lms.login_session' as table_name, to_jsonb(s) as before, null::jsonb as after),
        decided as (select change_id from retired)`,
      images: ['retired', 'logged_out'],
    },
  ],
};

/**
 * account.reinstate: the account is as it was; in an undo its login sessions too, in a reinstatement not (D-20). Compared:
 * that it is still deleted, and as it was then where there is a record. With `clearSchedule` a deletion date that does not lie ahead goes, or the account would be deleted
 * again the next night. Its email must be free among the living, and a seat must be left.
 */
export const reinstateAccounts: HostEffect = {
  // Two chunks side by side must not give the same seat away.
  lock: `select from lms.platform where seats is not null and $1::bigint[] is not null for update of platform`,
  statements: [
    {
      ctes: /* sql */ `
        old as (
          select t.id as change_id, t.undoes, t.after as planned, a.id, to_jsonb(a) as image
            from (select todo.*, row_number() over (order by id) as nth from todo) t
            join lms.account a on a.id = t.user_id
            left join lateral (
              select i.after from lms_lifecycle.row_image i
               where i.change_id = t.undoes and i.table_name = 'lms.account') was on true
           where a.status = 'deleted'
             and (t.undoes is null or a.deleted_at = (was.after->>'deleted_at')::timestamptz)
             and not exists (select from lms.account other
                              where other.status = 'active' and lower(other.email) = lower(a.email))
             and (select seats is null or seats >= t.nth + (
                    select count(*) from lms.account living where living.status = 'active') from lms.platform)
             for update of a),
        reinstated as (
          update lms.account a
             set status = 'active', deletion_kind = null, deleted_by = null, deleted_at = null,
                 deletion_scheduled_on = case
                   when (o.planned->>'clearSchedule')::boolean
                    and a.deletion_scheduled_on <= (op.at at time zone p.time_zone)::date then null
                   else a.deletion_scheduled_on end
            from old o, op, lms.platform p where a.id = o.id
          returning o.change_id, 'lms.account' as table_name, o.image as before, to_jsonb(a) as after),
        session as (
          select o.change_id, (was.before->>'id')::bigint as id, o.id as user_id, was.before as row
            from old o
           cross join lateral (
              select i.before from lms_lifecycle.row_image i
               where i.change_id = o.undoes and i.table_name = 'lms.login_session') was
           where coalesce((o.planned->>'logins')::boolean, true)),
        logged_in as (
          insert into lms.login_session (id, user_id) overriding system value
          select id, user_id from session on conflict do nothing returning id),
        logged_in_images as (
          select change_id, 'lms.login_session' as table_name, null::jsonb as before, row as after
            from session where id in (select id from logged_in)),
        decided as (select change_id from reinstated)`,
      images: ['reinstated', 'logged_in_images'],
    },
  ],
};
