/**
 * Lists of more than names: a line may say what is to be done with its user, as a profile. And what an operation has to
 * tell that belongs to no user, as that the rule of a group cannot be judged.
 */
export const content = /* sql */ `
alter table lms_lifecycle.stored_list_line add column payload jsonb;

create table lms_lifecycle.operation_note (
  operation_id text not null references lms_lifecycle.operation,
  subject text not null,
  message text not null,
  primary key (operation_id, subject)
);
`;
