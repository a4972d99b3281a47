import { z } from 'zod';
import type { ChangeKind } from './changes.ts';
import type { FailureType } from './failures.ts';
import { systemActor } from './ids.ts';
import { reportFormats } from './reports.ts';
import type { WrittenReport } from './reports.ts';

const id = z.string().trim().min(1).max(500);

/** What a value that may have several forms must be; whoever has left it out is told that it is missing. */
const mustBe = (text: string): { error: z.core.$ZodErrorMap } => ({
  error: ({ input }) => (input === undefined ? 'is missing' : `must be ${text}`),
});

/** A user as people name one: `{ id }`, `{ email }` or the bare string of either; an id wins. */
const namedUser = [z.strictObject({ id, email: id.optional() }), z.strictObject({ email: id })] as const;
const aUser = mustBe('{ "id": … } or { "email": … }, or the text of either');
export const userRefSchema = z.union([id, ...namedUser], aUser);
export type UserRef = z.infer<typeof userRefSchema>;

/**
 * Many users: an array of references, or one string of them separated by commas or line breaks. What a bare string
 * holds is judged line by line, not here (D-17).
 */
const userInListSchema = z.union([z.string(), ...namedUser], aUser);
const userRefsSchema = z.union(
  [z.string(), z.array(userInListSchema)],
  mustBe('a list of users, or one text with commas between them'),
);
export type UserRefs = z.infer<typeof userRefsSchema>;

/** What every operation takes (spec: interface, Workflows). */
const common = {
  requestedBy: id.describe('The id of the user who asks; what may be done is judged by it.'),
  reason: z.string().max(2000).optional(),
  mode: z.enum(['apply', 'preview']).default('apply'),
  approval: z.enum(['auto', 'required']).default('auto'),
  planHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'is not a plan hash (64 hex digits)')
    .optional(),
  maxUsers: z.int().min(0).optional(),
  maxShare: z.number().min(0).max(1).default(0.2),
};

/** The users of a list operation: given here, or stored in the ledger before. */
const many = {
  users: userRefsSchema.optional(),
  list: id.describe('The id of a stored list of users.').optional(),
};

/** What happens to what hangs below a course that is de-assigned, where it has a link of its own (C-12). */
const cascade = z.enum(['always', 'unless-linked']).default('always');
export type Cascade = z.infer<typeof cascade>;

const includePrivateSubgroups = z.boolean().default(false);

const deleteUserSchema = z.strictObject({ ...common, user: userRefSchema, includePrivateSubgroups });

const deleteUsersSchema = z
  .strictObject({ ...common, ...many, includePrivateSubgroups })
  .check(oneOf('users', 'list'));

/** Run by the schedule, as the system. */
const deleteDueUsersSchema = z.strictObject({
  ...common,
  requestedBy: common.requestedBy.default(systemActor),
});

export const removeFromGroupSchema = z
  .strictObject({ ...common, group: id, ...many, includePrivateSubgroups, cascade })
  .check(oneOf('users', 'list'));

const activities = z
  .union(
    [z.array(id).min(1), z.string().trim().min(1)],
    mustBe('a list of ids, or one text with commas between them'),
  )
  .transform((given) => {
    const ids = typeof given === 'string' ? given.split(',').map((part) => part.trim()) : given;
    return [...new Set(ids.filter((part) => part !== ''))];
  });

export const removeCoursesFromGroupSchema = z.strictObject({
  ...common,
  group: id,
  courses: activities,
  cascade,
});
export const removePathsFromGroupSchema = z.strictObject({
  ...common,
  group: id,
  paths: activities,
  cascade,
});
export const removeCoursesFromPathSchema = z.strictObject({
  ...common,
  path: id,
  courses: activities,
  cascade,
});

const someActivities = activities.refine((ids) => ids.length > 0, 'names no activity');

/** Registrations, each by its user and its course or path: one by one, or all users with all activities. */
const registrationsSchema = z
  .strictObject({
    ...common,
    ...many,
    registrations: z
      .array(z.strictObject({ user: userInListSchema, activity: id }))
      .min(1, 'names nothing')
      .optional(),
    activities: someActivities.optional(),
  })
  .check(...oneSourceOfRegistrations());

/** Run by the schedule and by webhooks, as the system: of all users, or of some. */
const reconcileQualificationsSchema = z.strictObject({
  ...common,
  requestedBy: common.requestedBy.default(systemActor),
  users: userRefsSchema.optional(),
});

export const copyActivitySchema = z.strictObject({
  ...common,
  activity: id,
  newOwner: userRefSchema,
  course: id.describe('Where the copy goes; without it, the same course.').optional(),
});
/** What becomes of the subgroups of a group that is deleted, and of users who would be left without any group (G-11). */
const fate = z.enum(['delete', 'moveToParent']).optional();
export type Fate = z.infer<typeof fate>;

export const deleteGroupSchema = z.strictObject({
  ...common,
  group: id,
  subgroups: fate,
  orphans: fate,
  cascade,
});

/** Rows are judged one by one (C-05), so what is in them is not looked at here. */
export const updateProfilesSchema = z
  .strictObject({
    ...common,
    profiles: z
      .array(z.unknown())
      .describe('Rows of { user, profile }; null removes an attribute.')
      .optional(),
    list: many.list,
    cascade,
  })
  .check(oneOf('profiles', 'list'));

/** What a reinstatement brings back beside the account (D-20). */
const restorable = ['memberships', 'slots', 'ownership'] as const;
export type Restorable = (typeof restorable)[number];

export const reinstateUserSchema = z.strictObject({
  ...common,
  user: userRefSchema,
  restore: z.array(z.enum(restorable)).default([...restorable]),
});

const undoOperationSchema = z.strictObject({
  ...common,
  operation: id.describe('The id of the operation to undo, as its result gives it.'),
  users: userRefsSchema.describe('Only these users of it; without them the whole operation.').optional(),
});

/** Runs a checked upload, as the operation of its action (I-07). */
const runImportSchema = z.strictObject({
  ...common,
  import: id.describe('The id of a checked upload, as the check gives it.'),
});

/** Columns by name, as an array or separated by commas. */
const columns = z
  .union([z.array(id).min(1), id], mustBe('a list of columns, or one text with commas between them'))
  .transform((given) => (typeof given === 'string' ? given.split(',') : given).map((name) => name.trim()));

/** Writes a report and mails a link to it (P-03). */
export const runReportSchema = z.strictObject({
  ...common,
  report: z
    .union(
      [id, z.strictObject({ columns })],
      mustBe('"users", the name of saved columns, or { "columns": … }'),
    )
    .default('users')
    .describe('`users` with all columns, the name of saved columns, or { columns }.'),
  format: z.enum(reportFormats).default('csv'),
  mailTo: userRefSchema.optional().describe('Who gets the link; without it, whoever asks.'),
});
export type RunReportInput = z.infer<typeof runReportSchema>;

/**
 * A rule about members that go together. It is looked at whatever else is wrong with the input, so that every problem is told
 * at once.
 */
function together(path: string, message: string, holds: (input: Input) => boolean): z.core.$ZodCheck<Input> {
  const when = ({ value }: z.core.ParsePayload): boolean =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  return z.refine<Input>(holds, { path: [path], error: message, when });
}
type Input = Readonly<Record<string, unknown>>;

const given = (input: Input, ...members: string[]): string[] =>
  members.filter((member) => input[member] !== undefined);

/** What an operation is about comes from one source. */
function oneOf(inline: string, stored: string): z.core.$ZodCheck<Input> {
  const message = `give either ${inline} or ${stored}, one of them`;
  return together(inline, message, (input) => given(input, inline, stored).length === 1);
}

/** Lines that name both user and activity, or users and the activities for all of them; a stored list may be either. */
function oneSourceOfRegistrations(): z.core.$ZodCheck<Input>[] {
  return [
    together(
      'registrations',
      'give either registrations, users with activities, or list, one of them',
      (input) => given(input, 'registrations', 'users', 'list').length === 1,
    ),
    together(
      'activities',
      'is missing: users need them',
      (input) => given(input, 'users').length === 0 || given(input, 'activities').length === 1,
    ),
    together(
      'activities',
      'is for users and lists: registrations name theirs',
      (input) => given(input, 'registrations', 'activities').length < 2,
    ),
  ];
}

export const operationSchemas = {
  deleteUser: deleteUserSchema,
  deleteUsers: deleteUsersSchema,
  deleteDueUsers: deleteDueUsersSchema,
  removeFromGroup: removeFromGroupSchema,
  removeCoursesFromGroup: removeCoursesFromGroupSchema,
  removePathsFromGroup: removePathsFromGroupSchema,
  removeCoursesFromPath: removeCoursesFromPathSchema,
  deleteGroup: deleteGroupSchema,
  updateProfiles: updateProfilesSchema,
  reinstateUser: reinstateUserSchema,
  unenrolUsers: registrationsSchema,
  removeRegistrations: registrationsSchema,
  reconcileQualifications: reconcileQualificationsSchema,
  copyActivity: copyActivitySchema,
  undoOperation: undoOperationSchema,
  runImport: runImportSchema,
  runReport: runReportSchema,
} as const;
export type OperationKind = keyof typeof operationSchemas;
export type OperationInput = z.infer<(typeof operationSchemas)[OperationKind]>;

/** Where an operation stands. The last six are final. */
export type OperationState =
  | 'planning'
  | 'waiting-for-approval'
  | 'applying'
  | 'paused'
  | 'needs-attention'
  | 'previewed'
  | 'done'
  | 'rejected'
  | 'expired'
  | 'cancelled'
  | 'failed';

/** A user (or input line) that could not be dealt with and why; never an email or name. */
export interface Attention {
  line: number;
  user: string | null;
  type: FailureType;
  message: string;
}

/** What a workflow returns. `counts` has the changes planned (preview) or applied; conflicts are not in it. */
export interface OperationResult {
  operation: string;
  state: OperationState;
  counts: Partial<Record<ChangeKind, number>>;
  users: { done: number; unchanged: number; attention: number };
  /** The first 100. */
  attention: Attention[];
  /** Changes that somebody else's change to the same row prevented. */
  conflicts: number;
  /** What went wrong beside the users: as emptying the host's caches. */
  warnings: string[];
  planHash: string;
  /** What `runReport` has written. */
  report?: WrittenReport;
}
