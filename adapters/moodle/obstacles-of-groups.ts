/** Whether one of the changes that are taken back is the deletion of this group. */
export const groupReturns = (group: string): string =>
  /* sql */ `exists (select from given back where back.kind = 'group.delete' and back.item->>'group' = ${group})`;

/** A group may be there again; or the course is gone that it was in, or the category. */
const groups = /* sql */ `
  select g.id, case
           when h.id is not null or s.id is not null then 'already'
           when not exists (select from {context} c where c.id = (i.before->>'contextid')::bigint)
            and not exists (select from {course} c where c.id = (i.before->>'courseid')::bigint) then 'gone' end as obstacle
    from given g
    join lms_lifecycle.row_image i on i.change_id = g.id::bigint and i.table_name in ('{cohort}', '{groups}') and i.after is null
    left join {cohort} h on i.table_name = '{cohort}' and h.id = (i.before->>'id')::bigint
    left join {groups} s on i.table_name = '{groups}' and s.id = (i.before->>'id')::bigint
   where g.kind = 'group.delete'`;

/** Selects of what hinders the undo of deleting groups, from `given` (undo-obstacles.ts). */
export const groupObstacles: readonly string[] = [groups];
