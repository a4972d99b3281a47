/**
 * The ledger's tables (schema `lms_lifecycle`, in the host's own database so that a host row and its ledger row
 * commit together). `change` and `row_image` are append-only: the plan, the audit and the undo record in one.
 */
export const ledgerSchema = /* sql */ `
create table lms_lifecycle.operation (
  id text primary key,
  workflow_id text not null,
  kind text not null,
  input jsonb not null,
  requested_by text not null,
  reason text,
  trigger text not null,
  host text not null,
  mode text not null check (mode in ('apply', 'preview')),
  state text not null,
  undoes text references lms_lifecycle.operation,
  plan_hash text,
  result jsonb,
  failure jsonb,
  opened_at timestamptz not null default transaction_timestamp(),
  sealed_at timestamptz,
  approved_at timestamptz,
  approved_by text,
  closed_at timestamptz
);
create index operation_workflow on lms_lifecycle.operation (workflow_id, opened_at);
create index operation_opened on lms_lifecycle.operation (opened_at);
create index operation_plan_hash on lms_lifecycle.operation (plan_hash);

-- One row per input line. A claimed row is the lock of its user: two operations never interleave on one user.
create table lms_lifecycle.operation_target (
  operation_id text not null references lms_lifecycle.operation,
  line integer not null,
  chunk integer not null,
  user_id text,
  ref text,
  state text not null check (state in ('open', 'accepted', 'done', 'unchanged', 'attention')),
  problem_type text,
  problem_message text,
  claimed boolean not null default false,
  primary key (operation_id, line)
) with (fillfactor = 50);
create unique index operation_target_claim on lms_lifecycle.operation_target (user_id) where claimed;
create index operation_target_user on lms_lifecycle.operation_target (user_id);
create index operation_target_chunk on lms_lifecycle.operation_target (operation_id, chunk);

-- A chunk that has been planned in a round; what makes planning exactly-once.
create table lms_lifecycle.operation_chunk (
  operation_id text not null references lms_lifecycle.operation,
  chunk integer not null,
  round integer not null,
  plan_hash text not null,
  changes integer not null,
  primary key (operation_id, chunk, round)
);

-- Every change is updated once, when it is decided, and a target when it is accepted and when it is settled: with half of
-- each page free the new version lies beside the old one, which leaves the indexes as they are.
create table lms_lifecycle.change (
  id bigint generated always as identity primary key,
  operation_id text not null references lms_lifecycle.operation,
  chunk integer not null,
  round integer not null,
  seq integer not null,
  step text not null,
  kind text not null,
  user_id text not null,
  item jsonb not null,
  before jsonb,
  after jsonb,
  reason jsonb not null,
  undoes bigint references lms_lifecycle.change,
  state text not null default 'pending' check (state in ('pending', 'applied', 'conflict', 'skipped')),
  planned_at timestamptz not null default transaction_timestamp(),
  decided_at timestamptz
) with (fillfactor = 50);
create index change_step on lms_lifecycle.change (operation_id, chunk, step);
create index change_user on lms_lifecycle.change (user_id);
create unique index change_undone_once on lms_lifecycle.change (undoes, operation_id) where undoes is not null;

-- Every host row that a change deleted, overwrote or inserted: before null = inserted, after null = deleted.
create table lms_lifecycle.row_image (
  change_id bigint not null references lms_lifecycle.change,
  table_name text not null,
  before jsonb,
  after jsonb,
  check (before is not null or after is not null)
);
create index row_image_change on lms_lifecycle.row_image (change_id);

create function lms_lifecycle.refuse() returns trigger language plpgsql as $$
begin
  raise exception 'lms_lifecycle.% is append-only: % refused', tg_table_name, lower(tg_op);
end $$;

create trigger change_only_forward before update on lms_lifecycle.change for each row
  when (old.state <> 'pending' or new.state = 'pending' or new.id <> old.id
    or (new.operation_id, new.chunk, new.round, new.seq, new.step, new.kind, new.user_id, new.item, new.before,
        new.after, new.reason, new.undoes, new.planned_at)
      is distinct from
       (old.operation_id, old.chunk, old.round, old.seq, old.step, old.kind, old.user_id, old.item, old.before,
        old.after, old.reason, old.undoes, old.planned_at))
  execute function lms_lifecycle.refuse();
create trigger change_append_only before delete on lms_lifecycle.change
  for each row execute function lms_lifecycle.refuse();
create trigger change_not_truncated before truncate on lms_lifecycle.change
  execute function lms_lifecycle.refuse();
create trigger row_image_append_only before update or delete on lms_lifecycle.row_image
  for each row execute function lms_lifecycle.refuse();
create trigger row_image_not_truncated before truncate on lms_lifecycle.row_image
  execute function lms_lifecycle.refuse();
`;
