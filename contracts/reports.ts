import type { UserId } from './ids.ts';

/** How the values of a column are written: see `reports/format-row.ts`. */
type ColumnKind = 'text' | 'list' | 'count' | 'instant';

/** A column of the user report (P-01). */
interface ColumnShape {
  /** The header of the column. */
  title: string;
  kind: ColumnKind;
  /** What it says, for people who choose columns. */
  says: string;
}

const column = (title: string, kind: ColumnKind, says: string): ColumnShape => ({ title, kind, says });

/** Every column that a host may know of its users, by name; in the order in which they are offered. */
export const userColumns = {
  id: column('ID', 'text', "the user's id in the LMS"),
  email: column('Email', 'text', 'as the LMS has it'),
  name: column('Name', 'text', 'the whole name'),
  firstName: column('First name', 'text', 'where the LMS keeps the parts'),
  lastName: column('Last name', 'text', 'where the LMS keeps the parts'),
  username: column('Username', 'text', 'what the user logs in with, where that is not the email'),
  status: column('Status', 'text', 'active, suspended or deleted'),
  groups: column('Groups', 'list', 'the names of the groups that the user is in'),
  groupIds: column('Group IDs', 'list', 'their ids, with every role that the user has there'),
  profile: column('Profile', 'text', 'all attributes as JSON'),
  registrations: column('Registrations', 'count', 'courses and paths that the user is registered for'),
  completions: column('Completions', 'count', 'those of them that are completed'),
  openSessions: column('Open sessions', 'count', 'open logins and tokens'),
  createdAt: column('Created', 'instant', 'since when there is the account'),
  lastLoginAt: column('Last login', 'instant', 'the latest one'),
  automaticDeletionDate: column('Automatic deletion date', 'text', 'the day on which the account is due'),
  learnerDeletionDate: column('Learner deletion date', 'instant', 'when the account was deleted'),
  deletionKind: column('Deletion kind', 'text', 'automatic or manual'),
  deletedBy: column('Deleted by', 'text', 'the id of who deleted the account, or system'),
} as const satisfies Record<string, ColumnShape>;

export type UserColumn = keyof typeof userColumns;
export const userColumnNames = Object.keys(userColumns) as UserColumn[];

/**
 * What a host says of a user in a column: text, several texts for a `list`, a number for a `count`, microseconds since 1970
 * for an `instant`; null where there is nothing to say.
 */
export type ReportValue = string | number | readonly string[] | null;

/** A user as a host tells it: the values stand in the order of the columns that were asked for. */
export interface ReportRow {
  user: UserId;
  values: readonly ReportValue[];
}

/** A cell as it is written: text, or a number that is one in the file too. */
export type ReportCell = string | number;

export const reportFormats = ['csv', 'xlsx'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** A report's file, as it lies in the state directory. */
export interface WrittenReport {
  /** The operation's id and the format, `….csv`: what a link names. */
  file: string;
  /** How many users are in it. */
  users: number;
  /** In bytes. */
  size: number;
  /** When the link and the file end: ISO 8601, UTC. */
  expiresAt: string;
}
