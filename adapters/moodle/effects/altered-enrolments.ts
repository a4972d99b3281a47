import { logEvents } from './log-events.ts';

/**
 * CTEs that suspend enrolments, or give them other times or an end (`altered_enrolments` holds the images), and log it.
 *
 * @param more a further select of `id, change_id, status, timestart, timeend`: enrolments to be as that says
 */
export function alterEnrolments(more: string | null): string {
  return /* sql */ `
  to_alter as (
    select g.id, g.change_id, case g.fate when 'suspend' then 1 else g.status end as status,
           case g.fate when 'retime' then g.starts else g.timestart end as timestart,
           case when g.fate = 'retime' then g.ends when g.upheld then act.now else g.timeend end as timeend
      from departing g cross join act where g.fate in ('suspend', 'retime')${more === null ? '' : ` union all ${more}`}),
  held_enrolments as (
    select a.*, to_jsonb(ue) as before from to_alter a join {user_enrolments} ue on ue.id = a.id order by ue.id for update of ue),
  altered_enrolments as (
    update {user_enrolments} x
       set status = h.status, timestart = h.timestart, timeend = h.timeend, modifierid = act.id, timemodified = act.now
      from held_enrolments h cross join act where x.id = h.id
    returning h.change_id, '{user_enrolments}' as table_name, h.before, to_jsonb(x) as after, x.userid),
  ${logged}`;
}

const logged = logEvents(
  'logged_altered',
  {
    event: 'user_enrolment_updated',
    action: 'updated',
    target: 'user_enrolment',
    objecttable: 'user_enrolments',
    crud: 'u',
  },
  /* sql */ `
    select r.id as objectid, c.id as contextid, e.courseid, r.userid as relateduserid,
           (select row_to_json(o)::text from (select e.enrol) o) as other
      from altered_enrolments a
     cross join lateral jsonb_populate_record(null::{user_enrolments}, a.after) r
      join {enrol} e on e.id = r.enrolid
      join {context} c on c.contextlevel = 50 and c.instanceid = e.courseid`,
);
