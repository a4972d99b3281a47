/** The attempts of whoever has left a group with an override. */
const ofLeavers = /* sql */ `
  select a.id, min(m.change_id) as change_id
    from left_memberships m
    join {quiz_overrides} o on o.groupid = m.groupid
    join {quiz_attempts} a on a.quiz = o.quiz and a.userid = m.userid and a.state in ('inprogress', 'overdue')
   group by a.id`;

/**
 * CTEs that set anew when Moodle looks next at quiz attempts that are still open: an override for a group that their user has left
 * no longer holds for them (Moodle 4.5: read, quiz_update_open_attempts). An override for the user wins, then
 * a group's that sets no limit, then the latest of the groups', then the quiz's own. `timed_attempts` holds the images.
 *
 * @param leaving a select of the ids of `groups_members` that go in this statement, which sees them still
 * @param open a select of `id, change_id`: the attempts
 */
export function timeOpenAttempts(leaving: string, open = ofLeavers): string {
  const effective = (column: string) =>
    `coalesce(own.${column}, by_group.no_${column}, by_group.${column}, q.${column})`;
  const close = effective('timeclose');
  const limit = effective('timelimit');
  return /* sql */ `
  open_attempts as materialized (${open}),
  due_attempts as (
    select a.id, t.change_id, to_jsonb(a) as before,
           case when ${limit} = 0 then nullif(${close}, 0)
                when ${close} = 0 then a.timestart + ${limit}
                else least(a.timestart + ${limit}, ${close}) end
             + case a.state when 'overdue' then q.graceperiod else 0 end as due
      from open_attempts t
      join {quiz_attempts} a on a.id = t.id
      join {quiz} q on q.id = a.quiz
     cross join lateral (
       select max(o.timeclose) as timeclose, max(o.timelimit) as timelimit
         from {quiz_overrides} o where o.quiz = a.quiz and o.userid = a.userid) own
     cross join lateral (
       select max(o.timeclose) filter (where o.timeclose = 0) as no_timeclose, max(o.timeclose) as timeclose,
              max(o.timelimit) filter (where o.timelimit = 0) as no_timelimit, max(o.timelimit) as timelimit
         from {quiz_overrides} o join {groups_members} m on m.groupid = o.groupid
        where o.quiz = a.quiz and m.userid = a.userid and m.id not in (${leaving})) by_group
     order by a.id for update of a),
  timed_attempts as (
    update {quiz_attempts} x set timecheckstate = d.due
      from due_attempts d where x.id = d.id and x.timecheckstate is distinct from d.due
    returning d.change_id, '{quiz_attempts}' as table_name, d.before, to_jsonb(x) as after)`;
}
