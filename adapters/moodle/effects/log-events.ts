/** What a row of Moodle's standard log says of all events of one kind. */
export interface LoggedEvent {
  /** Without the namespace: `user_deleted`. */
  event: string;
  action: string;
  target: string;
  objecttable: string;
  crud?: 'c' | 'u' | 'd';
  edulevel?: 0 | 1;
}

/**
 * A CTE that writes the log rows that Moodle's API would have written, where the site keeps that log (Moodle 4.5:
 * measured; origin `ws`, as what calls from outside does). The log is Moodle's own journal: it is only ever added to, an
 * undo leaves it alone, and its rows have no image in the ledger.
 *
 * @param rows a select of `objectid, contextid, courseid, relateduserid, other`; `other` is JSON text or null
 */
export function logEvents(name: string, event: LoggedEvent, rows: string): string {
  return /* sql */ `
  ${name} as (
    insert into {logstore_standard_log} (eventname, component, action, target, objecttable, objectid, crud, edulevel,
           contextid, contextlevel, contextinstanceid, userid, courseid, relateduserid, other, timecreated, origin)
    select '\\core\\event\\${event.event}', 'core', '${event.action}', '${event.target}', '${event.objecttable}',
           r.objectid, '${event.crud ?? 'd'}', ${event.edulevel ?? 0}, c.id, c.contextlevel, c.instanceid, act.id,
           coalesce(r.courseid, 0), r.relateduserid, coalesce(r.other, 'null'), act.now, 'ws'
      from (${rows}) r join {context} c on c.id = r.contextid cross join act
     where exists (select from {config_plugins} p where p.plugin = 'tool_log' and p.name = 'enabled_stores'
                      and 'logstore_standard' = any (string_to_array(p.value, ','))))`;
}

/** The log rows for role assignments that went or came, from a CTE of images of `role_assignments`. */
export function logRoles(name: string, images: string, event: 'role_assigned' | 'role_unassigned'): string {
  const given = event === 'role_assigned';
  return logEvents(
    name,
    {
      event,
      action: given ? 'assigned' : 'unassigned',
      target: 'role',
      objecttable: 'role',
      crud: given ? 'c' : 'd',
    },
    /* sql */ `
      select r.roleid as objectid, r.contextid, r.userid as relateduserid,
             case c.contextlevel when 50 then c.instanceid
                  when 70 then (select cm.course from {course_modules} cm where cm.id = c.instanceid)
                  when 80 then (select k.instanceid from {context} k
                                 where k.contextlevel = 50 and k.id = any (string_to_array(ltrim(c.path, '/'), '/')::bigint[]))
                  end as courseid,
             (select row_to_json(o)::text from (
               select r.id::text as id, r.component, r.itemid::text as itemid) o) as other
        from ${images} i
       cross join lateral jsonb_populate_record(null::{role_assignments}, coalesce(i.before, i.after)) r
        join {context} c on c.id = r.contextid`,
  );
}
