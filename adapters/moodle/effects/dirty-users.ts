/**
 * CTEs that flag users whose rights have changed, so that a session of theirs that is still open loads them anew
 * (Moodle 4.5: `cache_flags` has no unique key: update, insert where there was none; the flag lives as long as a
 * session can). Also what stops an open session of a site that keeps its sessions outside of the database. A flag is
 * a clock of Moodle's, not data: it has no image and no undo.
 *
 * @param users the name of a CTE with a column `userid`
 */
export function flagDirty(users: string): string {
  return /* sql */ `
  dirty as (
    select distinct d.userid::text as name, act.now, act.now + coalesce(
             (select value::bigint from {config} where name = 'sessiontimeout' and value ~ '^[0-9]+$'), 28800) as expiry
      from ${users} d cross join act),
  flagged as (
    update {cache_flags} f set timemodified = d.now, value = '1', expiry = d.expiry
      from dirty d where f.flagtype = 'accesslib/dirtyusers' and f.name = d.name),
  newly_flagged as (
    insert into {cache_flags} (flagtype, name, timemodified, value, expiry)
    select 'accesslib/dirtyusers', d.name, d.now, '1', d.expiry from dirty d
     where not exists (select from {cache_flags} f where f.flagtype = 'accesslib/dirtyusers' and f.name = d.name))`;
}
