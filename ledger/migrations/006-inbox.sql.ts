/**
 * What an LMS has told by webhook: one row per delivery, and one for each event in it once it is dispatched. What was told
 * is kept only until then; that it was told, for as long as a source may tell it again.
 */
export const inbox = /* sql */ `
create table lms_lifecycle.inbox (
  id bigint generated always as identity primary key,
  source text not null,
  message_id text not null,
  type text not null,
  payload jsonb,
  received_at timestamptz not null default transaction_timestamp(),
  state text not null check (state in ('received', 'ignored', 'started', 'failed')),
  problem text,
  attempts integer not null default 0,
  due_at timestamptz not null default transaction_timestamp(),
  unique (source, message_id),
  check ((state = 'received') = (payload is not null))
);
create index inbox_due on lms_lifecycle.inbox (due_at) where state = 'received';
create index inbox_received on lms_lifecycle.inbox (received_at);

-- workflow_id is that of the latest try: one that another operation stood in the way of is tried again (X-11).
create table lms_lifecycle.inbox_event (
  inbox_id bigint not null references lms_lifecycle.inbox on delete cascade,
  part integer not null,
  type text not null,
  state text not null check (state in ('ignored', 'started', 'failed')),
  problem text,
  workflow_id text unique,
  tries integer not null default 1,
  retry_at timestamptz,
  settled boolean not null,
  primary key (inbox_id, part),
  check (state <> 'started' or workflow_id is not null)
);
create index inbox_event_unsettled on lms_lifecycle.inbox_event (workflow_id) where not settled;
`;
