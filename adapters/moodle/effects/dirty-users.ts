/**
 * CTEs that flag users whose rights have changed, so that a session of theirs that is still open loads them anew
 * (Moodle 4.5: `cache_flags` has no unique key: update, insert where there was none; the flag lives as long as a
 * session can). Also what stops an open session of a site that keeps its sessions outside of the database. A flag is
 * a clock of Moodle's, not data: it has no image and no undo.
 *
 * @param users the name of a CTE with a column `userid`
 */
export function flagDirty(users: string): string {
  return raiseFlags('dirty', 'dirtyusers', `select distinct d.userid::text as name from ${users} d`);
}

/**
 * The same for whole courses, where an enrolment method has come or gone: everybody's rights there are loaded anew.
 *
 * @param courses the name of a CTE with a column `courseid`
 */
export function flagDirtyCourses(courses: string): string {
  return raiseFlags(
    'dirty_courses',
    'dirtycontexts',
    /* sql */ `
      select distinct c.path as name
        from ${courses} d join {context} c on c.contextlevel = 50 and c.instanceid = d.courseid`,
  );
}

function raiseFlags(cte: string, type: 'dirtyusers' | 'dirtycontexts', names: string): string {
  return /* sql */ `
  ${cte} as (
    select d.name, act.now, act.now + coalesce(
             (select value::bigint from {config} where name = 'sessiontimeout' and value ~ '^[0-9]+$'), 28800) as expiry
      from (${names}) d cross join act),
  flagged_${cte} as (
    update {cache_flags} f set timemodified = d.now, value = '1', expiry = d.expiry
      from ${cte} d where f.flagtype = 'accesslib/${type}' and f.name = d.name),
  newly_flagged_${cte} as (
    insert into {cache_flags} (flagtype, name, timemodified, value, expiry)
    select 'accesslib/${type}', d.name, d.now, '1', d.expiry from ${cte} d
     where not exists (select from {cache_flags} f where f.flagtype = 'accesslib/${type}' and f.name = d.name))`;
}
