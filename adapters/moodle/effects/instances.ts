/**
 * The instances of enrol_cohort by which a cohort holds a course, for relations `c(item)` of changes that remove the link: the
 * condition on `e`.
 */
const ofLink = /* sql */ `
  e.enrol = 'cohort' and c.item->>'type' = 'groupCourse'
  and e.customint1 = case when c.item->>'holder' ~ '^cohort:[0-9]{1,18}$' then split_part(c.item->>'holder', ':', 2)::bigint end
  and e.courseid = case when c.item->>'activity' ~ '^[0-9]{1,18}$' then (c.item->>'activity')::bigint end`;

/** `instances(change_id, id, courseid, status, image)`: those of the links that this statement is about, locked. */
export const instances = /* sql */ `
  instances as materialized (
    select c.id as change_id, e.id, e.courseid, e.status, to_jsonb(e) as image
      from todo c join {enrol} e on ${ofLink} order by e.id for update of e)`;

const thisOperation = /* sql */ `
  (select c.operation_id from lms_lifecycle.change c where c.id = (select min(t.id) from todo t))`;

/**
 * `unlinked(change_id, id, courseid, status)`: those of all links that the operation takes away or has taken, under the changes that do.
 * `applied` leaves out what is still to come.
 */
export const unlinked = (states: 'applied' | 'any'): string => /* sql */ `
  unlinked as materialized (
    select c.id as change_id, e.id, e.courseid, e.status
      from lms_lifecycle.change c join {enrol} e on ${ofLink}
     where c.operation_id = ${thisOperation} and c.user_id = '' and c.kind = 'link.remove'
       and c.state in ('applied' ${states === 'any' ? `, 'pending'` : ''}))`;

/**
 * Whether the operation has nothing to do any more beside what this transaction has just done. The chunks still to come are the last:
 * looking from there finds them at once.
 */
export const lastOfAll = /* sql */ `
  not exists (select from (
    select 1 from lms_lifecycle.change c where c.operation_id = ${thisOperation} and c.state = 'pending'
     order by c.chunk desc limit 1) pending)`;
