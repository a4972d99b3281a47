/** Who has a database role of its own: the worker, the HTTP server, and the command line of those who start and look at operations. */
export const purposes = ['worker', 'server', 'commands'] as const;
export type Purpose = (typeof purposes)[number];

/** By table of the ledger what may be done with it. */
type Privileges = Readonly<Record<string, string>>;

const story: Privileges = {
  operation: 'select',
  operation_chunk: 'select',
  operation_note: 'select',
  operation_target: 'select',
  change: 'select',
  migration: 'select',
};

/** Lists of users, and what the check of an upload has found. */
const bringing: Privileges = {
  stored_list: 'select, insert, update (lines), delete',
  stored_list_line: 'select, insert',
  import: 'select, insert',
  instance: 'select',
};

/**
 * What each may do with the ledger, and no more. Nobody of them owns it: of a change only the decision can be written, once; what
 * was planned, who asked, and what a row looked like before can be neither changed nor removed.
 */
export const ledgerPrivileges: Readonly<Record<Purpose, Privileges>> = {
  worker: {
    ...story,
    operation:
      'select, insert, update (plan_hash, state, sealed_at, approved_by, approved_at, result, failure, closed_at)',
    operation_chunk: 'select, insert, update',
    operation_note: 'select, insert',
    operation_target: 'select, insert, update (state, leaves, problem_type, problem_message)',
    change: 'select, insert, update (state, decided_at)',
    row_image: 'select, insert',
    claim: 'select, insert, delete',
    stored_list: 'select',
    stored_list_line: 'select',
    import: 'select',
    instance: 'select',
    saved_report: 'select',
  },
  server: {
    ...story,
    ...bringing,
    inbox: 'select, insert, update, delete',
    inbox_event: 'select, insert, update',
  },
  commands: {
    ...story,
    ...bringing,
    inbox: 'select',
    inbox_event: 'select',
    saved_report: 'select, insert, update',
  },
};
