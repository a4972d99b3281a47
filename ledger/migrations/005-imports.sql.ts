/**
 * Imports by spreadsheet. A template says which instance made it, so that a file does not name the people of another one. The
 * lines that a check lets in are a stored list, each with the user whom it named then, and with all the activities of a line of the sheet in one; what else the check has found
 * stands beside it, and an operation says which import it runs.
 */
export const imports = /* sql */ `
create table lms_lifecycle.instance (
  id text primary key default gen_random_uuid()::text,
  only_one boolean not null unique default true check (only_one)
);
insert into lms_lifecycle.instance default values;

alter table lms_lifecycle.stored_list_line add column checked_user text, add column activities text[];

create table lms_lifecycle.import (
  id text primary key references lms_lifecycle.stored_list on delete cascade,
  instance text not null references lms_lifecycle.instance,
  action text not null,
  input jsonb not null,
  report jsonb not null,
  checked_by text,
  checked_at timestamptz not null default transaction_timestamp()
);

-- No reference: a list, with what the check of it has found, may be forgotten before its operation.
alter table lms_lifecycle.operation add column import_id text;
create index operation_import on lms_lifecycle.operation (import_id) where import_id is not null;
`;
