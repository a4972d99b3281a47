import { z } from 'zod';
import type { FailureType } from './failures.ts';
import type { UserId } from './ids.ts';

/** What an import does with the people it names (I-01), by the names that templates and commands use. */
export const importActions = [
  'unenrol-users',
  'remove-registrations',
  'delete-users',
  'remove-from-group',
] as const;
export type ImportAction = (typeof importActions)[number];

/** Actions whose sheet has a column for each of some activities. */
export function namesActivities(action: ImportAction): boolean {
  return action === 'unenrol-users' || action === 'remove-registrations';
}

/** The most activity columns that a template has. */
export const maxActivities = 200;

/** What a template is for, as it stands in the file itself; everything but the people. */
export const templateMarkerSchema = z
  .strictObject({
    /** The instance that made the template. */
    instance: z.string().min(1),
    action: z.enum(importActions),
    /** The group that users are removed from. */
    group: z.string().min(1).optional(),
    includePrivateSubgroups: z.boolean(),
  })
  .refine(({ action, group }) => (action === 'remove-from-group') === (group !== undefined), {
    message: 'group goes with remove-from-group',
  });
export type TemplateMarker = z.infer<typeof templateMarkerSchema>;

/** A place in a file and what is wrong there; null where it is wrong as a whole. */
export interface SheetProblem {
  sheet: string | null;
  /** From 1. */
  row: number | null;
  /** As the sheet names it: `A`, `B` … */
  column: string | null;
  message: string;
}

/** The first ones of a list that may be long, and how long it is. */
export interface Bounded<T> {
  count: number;
  first: T[];
}

/** How many problems and refused lines are listed one by one. */
export const listedAtMost = 1_000;

/** A column for an activity, as found in a file. */
export interface ActivityColumn {
  column: string;
  activity: string;
}

/** A line of a sheet that can be read. */
export interface ImportRow {
  row: number;
  email: string;
  /** Which of the activity columns are marked, by index. */
  marks: number[];
}

/** What a file holds, once it has been read. */
export interface ParsedImport {
  marker: TemplateMarker;
  sheet: string;
  emailColumn: string;
  headerRow: number;
  columns: ActivityColumn[];
  rows: ImportRow[];
  /** Of lines that cannot be imported; the others can. */
  problems: Bounded<SheetProblem>;
}

/** Somebody who is named, and for whom nothing will be done. */
export interface RefusedLine {
  row: number;
  /** Of the mark; null where the line as a whole is meant. */
  column: string | null;
  /** What was given. */
  ref: string;
  user: UserId;
  activity: string | null;
  /** `unchanged`: it is as asked already. */
  type: FailureType | 'unchanged';
  message: string;
}

/** The final check (I-06): who will be dealt with, who cannot be and why, and which lines cannot be imported. */
export interface ImportReport {
  /** What `import start` is given. */
  import: string;
  file: string;
  sheet: string;
  action: ImportAction;
  group: string | null;
  includePrivateSubgroups: boolean;
  /** In the order of their columns. */
  activities: string[];
  /** `registrations`: null where the action is about the users themselves. */
  will: { users: number; registrations: number | null };
  cannot: Bounded<RefusedLine>;
  problems: Bounded<SheetProblem>;
}
