/**
 * Operations of many chunks. A claim is a row of its own now, which two operations can try to insert at the same time
 * without an error; a chunk knows how many users and changes it plans, so that sealing need not count millions of
 * rows; a target says whether its account goes (D-13); long lists of users are stored before an operation starts.
 */
export const batches = /* sql */ `
create table lms_lifecycle.claim (
  user_id text primary key,
  operation_id text not null references lms_lifecycle.operation
);
create index claim_operation on lms_lifecycle.claim (operation_id);
insert into lms_lifecycle.claim (user_id, operation_id)
  select user_id, operation_id from lms_lifecycle.operation_target where claimed;
drop index lms_lifecycle.operation_target_claim;
alter table lms_lifecycle.operation_target drop column claimed;

-- Whether the operation deletes the account of this line's user: such a user is nobody's successor.
alter table lms_lifecycle.operation_target add column leaves boolean not null default false;
update lms_lifecycle.operation_target t set leaves = true
  from lms_lifecycle.operation o
 where o.id = t.operation_id and o.kind = 'deleteUser' and t.state = 'accepted';

alter table lms_lifecycle.operation_chunk
  add column users integer not null default 0,
  add column counts jsonb not null default '{}';
update lms_lifecycle.operation_chunk k
   set users = (select count(distinct c.user_id) from lms_lifecycle.change c
                 where c.operation_id = k.operation_id and c.chunk = k.chunk and c.round = k.round),
       counts = (select coalesce(jsonb_object_agg(kind, n), '{}')
                   from (select c.kind, count(*) as n from lms_lifecycle.change c
                          where c.operation_id = k.operation_id and c.chunk = k.chunk and c.round = k.round
                          group by c.kind) as counted);

-- Who took something over: explaining a user looks for it.
create index change_heir on lms_lifecycle.change ((after->>'main')) where kind = 'ownership.transfer';

-- What groups and paths have lost since: a reinstatement looks for it.
create index change_link on lms_lifecycle.change (id) where kind = 'link.remove';

create table lms_lifecycle.stored_list (
  id text primary key,
  source text not null,
  lines integer not null,
  stored_at timestamptz not null default transaction_timestamp()
);
create table lms_lifecycle.stored_list_line (
  list_id text not null references lms_lifecycle.stored_list on delete cascade,
  line integer not null,
  user_id text,
  email text,
  ref text not null,
  problem text,
  primary key (list_id, line)
);
`;
