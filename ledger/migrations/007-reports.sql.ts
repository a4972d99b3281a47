/** Selections of columns that were saved under a name (P-02); saving again under the same name replaces one. */
export const reports = /* sql */ `
create table lms_lifecycle.saved_report (
  name text primary key,
  report text not null,
  columns text[] not null,
  saved_at timestamptz not null default transaction_timestamp()
);
`;
