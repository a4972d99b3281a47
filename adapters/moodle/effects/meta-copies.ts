/**
 * `parents`: courses that enrol_meta fills others from and in which a user loses something, before and after. Who is active in a
 * parent, from when (the earliest) until when (the latest), and with which roles, is so in the child.
 */
const parents = /* sql */ `
  parents as materialized (
    select p.userid, p.courseid, p.change_id, p.is_active, p.starts, p.ends, r.lost, r.kept,
           p.was_there and (not p.is_there or (b.needs_role and r.had_role and not r.has_role)) as gone,
           (p.was_active, p.started, p.ended) is distinct from (p.is_active, p.starts, p.ends) as changed
      from (select h.userid, h.courseid, max(h.change_id) filter (where h.going) as change_id,
                   bool_or(h.copied) as was_there, bool_or(h.copied and not h.deleted) as is_there,
                   bool_or(h.copied and h.active) as was_active,
                   min(h.timestart) filter (where h.copied and h.active) as started,
                   max(h.until) filter (where h.copied and h.active) as ended,
                   bool_or(h.copied and h.active and not h.going) as is_active,
                   min(h.timestart) filter (where h.copied and h.active and not h.going) as starts,
                   max(h.until) filter (where h.copied and h.active and not h.going) as ends
              from weighed h group by h.userid, h.courseid having bool_or(h.going) and not bool_or(h.spared)) p
     cross join habit b
      join {context} c on c.contextlevel = 50 and c.instanceid = p.courseid
     cross join lateral (
       select coalesce(array_agg(ra.roleid) filter (where ra.leaves), '{}') as lost,
              coalesce(array_agg(ra.roleid) filter (where not ra.leaves), '{}') as kept,
              bool_or(ra.roleid::text <> all (b.unsynced)) is true as had_role,
              bool_or(not ra.leaves and ra.roleid::text <> all (b.unsynced)) is true as has_role
         from (select a.roleid, ((a.userid, a.component, a.itemid) in (
                        select g.userid, 'enrol_' || g.enrol, g.enrolid from weighed g
                         where g.going and (g.deleted or b.cohort not in ('0', '2')))) is true as leaves
                 from {role_assignments} a
                where a.userid = p.userid and a.contextid = c.id and a.component <> 'enrol_meta') ra) r
     where p.courseid in (select m.customint1 from {enrol} m where m.enrol = 'meta'))`;

/**
 * `fates`: what becomes of each enrolment: those of the cohort, and the copies that enrol_meta has made in child courses (Moodle
 * 4.5: measured and read): without the parent they are suspended or deleted as the site says, else they follow its status and
 * times; they lose the roles that the parent has lost. Only what this departure changes is copied: what was out of step
 * before is left to Moodle's own synchronisation. A copy of a copy is none: enrol_meta does not look at them.
 */
const fates = /* sql */ `
  fates as materialized (
    select h.id, h.userid, h.status, h.timestart, h.timeend, h.enrolid, h.enrol, h.courseid, h.active, h.opens, h.upheld,
           coalesce(p.change_id, h.change_id) as change_id, p.lost, p.kept, p.starts,
           case p.ends when 'infinity' then 0 else p.ends end::bigint as ends,
           case when h.going then case when h.deleted then 'delete' else 'suspend' end
                when p.gone and b.meta = '0' then 'delete'
                when p.gone and b.meta in ('2', '3') and h.status <> 1 then 'suspend'
                when p.gone or p.changed is not true then null
                when not p.is_active and h.status <> 1 then 'suspend'
                when p.is_active and (h.timestart, h.until) is distinct from (p.starts, p.ends) then 'retime' end as fate,
           case when h.going then h.deleted or b.cohort not in ('0', '2')
                when p.gone then b.meta in ('0', '3')
                else b.meta <> '2' and p.changed and (not p.is_active or p.ends < b.now or p.starts > b.now) end is true as drops_all,
           (b.meta <> '2' and cardinality(p.lost) > 0) is true as drops_lost
      from weighed h cross join habit b
      left join parents p on 'meta' = any (b.methods) and p.userid = h.userid and p.courseid = h.parentid
       and h.parentid <> h.courseid)`;

/** CTEs that follow enrol_meta into the child courses, from `habit` and `weighed`: `fates`. */
export const metaCopies: string = [parents, fates].join(',');

/** The enrolment `r` is none that enrol_meta has copied: those only follow. */
export const notCopied = /* sql */ `not exists (select from {enrol} m where m.id = r.enrolid and m.enrol = 'meta')`;
