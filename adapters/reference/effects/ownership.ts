import type { HostEffect } from '../../host-lms.ts';
import { ownableTables } from './co-lists.ts';
import type { OwnableTable } from './co-lists.ts';

const ownedByGroups = ownableTables.filter(({ type }) => type !== 'session');

/**
 * ownership.transfer: the main holder changes, a promoted successor leaves the co-list, and in an undo the former
 * main holder goes back into it: at the place of then, or in a reinstatement to its front (D-20). Compared: the main holder, the successor's place in the co-list, and that the
 * successor lives at this moment (D-13); they are locked against being deleted meanwhile.
 */
export const transferOwnership: HostEffect = {
  statements: [
    {
      ctes: `living as (
        select id from lms.account
         where id in (select after->>'main' from todo) and status = 'active' order by id for share of account),
      ${[...ownableTables.map(transferIn), ...ownedByGroups.map(passOn)].join(',')},
      decided as (${ownableTables.map(({ type }) => `select change_id from ${type}_moved`).join(' union all ')}
        union all ${ownedByGroups.map(({ type }) => `select change_id from ${type}_passed`).join(' union all ')})`,
      images: [
        ...ownableTables.flatMap(({ type }) => [`${type}_moved`, `${type}_promoted`, `${type}_returned`]),
        ...ownedByGroups.map(({ type }) => `${type}_passed`),
      ],
    },
  ],
};

/** Courses and paths belong to a group, which passes them on when it is deleted (G-11). */
function passOn({ type, table }: OwnableTable): string {
  return /* sql */ `
    ${type}_owned as (
      select t.id as change_id, t.after, i.id, to_jsonb(i) as image
        from todo t
        join ${table} i on t.item->>'type' = '${type}' and i.id = t.item->>'id'
       where i.owner_group_id = t.before->>'ownerGroup'
         and exists (select from lms.user_group g where g.id = t.after->>'ownerGroup')
         for update of i),
    ${type}_passed as (
      update ${table} i set owner_group_id = o.after->>'ownerGroup' from ${type}_owned o where i.id = o.id
      returning o.change_id, '${table}' as table_name, o.image as before, to_jsonb(i) as after)`;
}

function transferIn({ type, table, mainColumn, coTable, coItemColumn }: OwnableTable): string {
  return /* sql */ `
    ${type}_old as (
      select t.id as change_id, t.user_id, t.before, t.after, i.id, to_jsonb(i) as image
        from todo t
        join ${table} i on t.item->>'type' = '${type}' and i.id = t.item->>'id'
       where i.${mainColumn} = t.before->>'main'
         and t.after->>'main' in (select id from living)
         and (t.before->>'position' is null or exists (
           select from ${coTable} c where c.${coItemColumn} = i.id and c.user_id = t.after->>'main'))
         for update of i),
    ${type}_moved as (
      update ${table} i set ${mainColumn} = o.after->>'main' from ${type}_old o where i.id = o.id
      returning o.change_id, '${table}' as table_name, o.image as before, to_jsonb(i) as after),
    ${type}_promoted as (
      delete from ${coTable} c using ${type}_old o
       where o.before->>'position' is not null and c.${coItemColumn} = o.id and c.user_id = o.after->>'main'
      returning o.change_id, '${coTable}' as table_name, to_jsonb(c) as before, null::jsonb as after),
    ${type}_returned as (
      insert into ${coTable} as c (${coItemColumn}, user_id, position)
      select o.id, o.before->>'main',
             case o.after->>'position'
               when 'front' then (select coalesce(min(f.position), 1) - 1 from ${coTable} f where f.${coItemColumn} = o.id)
               else (o.after->>'position')::int end
        from ${type}_old o
       where o.after->>'position' is not null
      on conflict do nothing
      returning (select o.change_id from ${type}_old o where o.id = c.${coItemColumn} and o.before->>'main' = c.user_id) as change_id,
                '${coTable}' as table_name, null::jsonb as before, to_jsonb(c) as after)`;
}
