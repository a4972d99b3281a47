import { newId, ownable, successors, victims } from './heirs-by-hand.sql.ts';

/**
 * What a skilled database administrator would write to delete the users of a chunk, without any of our code:
 * temporary tables with statistics, plain columns, host rows, change rows and images in one pass, everything
 * in one transaction. It leaves the same host rows, the same changes and the same images as the activities do (compared in
 * same-outcome.ts), but plans nothing that could be shown first, checks nothing again, and cannot be resumed.
 * `:operation` is a quoted literal, `:chunk` a number, `:leaver` the table of all whom the operation deletes.
 */
const change = /* sql */ `insert into lms_lifecycle.change
  (id, operation_id, chunk, round, seq, step, kind, user_id, item, before, after, reason, state, decided_at)
  overriding system value`;
const image = `insert into lms_lifecycle.row_image (change_id, table_name, before, after)`;

function reason(rule: string, because: string): string {
  return `jsonb_build_object('rule', ${rule}, 'because', ${because})`;
}

function changeValues(
  step: string,
  kind: string,
  item: string,
  before: string,
  after: string,
  why: string,
): string {
  return `select change_id, :operation, :chunk, 1, row_number() over (), '${step}', '${kind}', user_id, ${item}, ${before}, ${after},
    ${why}, 'applied', now()`;
}

const transfers = /* sql */ `
with ${ownable
  .map(
    ({ type, table, main, co, key }) => `
  ${type}_moved as (
    update ${table} i set ${main} = h.heir from heir h where h.type = '${type}' and i.id = h.id
    returning h.change_id, '${table}', to_jsonb(old), to_jsonb(new)),
  ${type}_promoted as (
    delete from ${co} c using heir h where h.type = '${type}' and h.position is not null and c.${key} = h.id and c.user_id = h.heir
    returning h.change_id, '${co}', to_jsonb(c), null::jsonb)`,
  )
  .join(',')},
changed as (
  ${change} ${changeValues(
    'transferOwnership',
    'ownership.transfer',
    `jsonb_build_object('type', type, 'id', id)`,
    `jsonb_build_object('main', user_id, 'position', position)`,
    `jsonb_build_object('main', heir, 'position', null)`,
    reason('rule', `'next in the chain'`),
  )} from heir)
${image} ${ownable.map(({ type }) => `select * from ${type}_moved union all select * from ${type}_promoted`).join(' union all ')};`;

/** Deletes rows of the victims: `gone` is the row, `${more}` further columns that the change needs. */
function removal(
  step: string,
  kind: string,
  table: string,
  when: string,
  item: string,
  before: string,
  why: string,
): string {
  return /* sql */ `
with gone as (
  delete from ${table} r using victim v where r.user_id = v.id and ${when} returning r.*),
numbered as materialized (select ${newId} as change_id, to_jsonb(gone) as image, gone.* from gone),
changed as (${change} ${changeValues(step, kind, item, before, 'null', why)} from numbered)
${image} select change_id, '${table}', image, null from numbered;`;
}

const sessionOfSlot = `(select session_id from lms.slot s where s.id = slot_id)`;

const removals = [
  ...ownable.map(({ type, co, key }) =>
    removal(
      'transferOwnership',
      'co-role.remove',
      co,
      'true',
      `jsonb_build_object('type', '${type}', 'id', ${key})`,
      `jsonb_build_object('position', position)`,
      reason(`'D-11'`, `'had a co-role'`),
    ),
  ),
  removal(
    'leaveSlots',
    'slot.leave',
    'lms.slot_attendee',
    `exists (select from lms.slot s where s.id = r.slot_id and s.starts_at > now())`,
    `jsonb_build_object('slot', slot_id, 'session', ${sessionOfSlot})`,
    `'{}'`,
    reason(`'D-03'`, `'is still to come'`),
  ),
  removal(
    'leaveSessions',
    'session.leave',
    'lms.session_participant',
    `exists (select from lms.path_session s where s.id = r.session_id and s.audience = 'dynamic')`,
    `jsonb_build_object('session', session_id)`,
    `'{}'`,
    reason(`'G-08'`, `'its dynamic audience holds the user by no group any more'`),
  ),
  removal(
    'leaveGroups',
    'membership.remove',
    'lms.membership',
    'true',
    `jsonb_build_object('group', group_id, 'role', role)`,
    `jsonb_build_object('since', to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))`,
    reason(`'D-01'`, `'a deleted user is in no group'`),
  ),
].join('');

const accounts = /* sql */ `
create temp table retiring on commit drop as
  select ${newId} as change_id, id as user_id, (select requested_by from lms_lifecycle.operation where id = :operation) as actor from victim;
create unique index on retiring (user_id);
analyze retiring;
with retired as (
  update lms.account a set status = 'deleted', deletion_kind = 'manual', deleted_by = r.actor, deleted_at = now()
    from retiring r where a.id = r.user_id
  returning r.change_id, 'lms.account', to_jsonb(old), to_jsonb(new)),
logged_out as (
  delete from lms.login_session s using retiring r where s.user_id = r.user_id
  returning r.change_id, 'lms.login_session', to_jsonb(s), null::jsonb),
changed as (
  ${change} ${changeValues(
    'retireAccounts',
    'account.retire',
    `'{}'`,
    `'{"status": "active"}'`,
    `jsonb_build_object('status', 'deleted', 'deletionKind', 'manual', 'deletedBy', actor, 'deletedAt', null)`,
    reason(`'D-01'`, `'the deletion was asked for'`),
  )} from retiring)
${image} select * from retired union all select * from logged_out;
update lms_lifecycle.operation_target set state = 'done' 
 where operation_id = :operation and chunk = :chunk and state = 'open';`;

const script = `begin;${victims}${successors}${transfers}${removals}${accounts} commit;`;

/** The whole script for a chunk, as one simple query. Its users are all that the operation deletes, unless another table has these. */
export function deletionByHand(operation: string, chunk = 1, leaver = 'victim'): string {
  return script
    .replaceAll(':operation', `'${operation}'`)
    .replaceAll(':chunk', String(chunk))
    .replaceAll(':leaver', leaver);
}
