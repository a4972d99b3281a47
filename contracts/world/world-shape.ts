import { z } from 'zod';
import { count, date, id, instant, jsonObject, text, timeZone, word } from './world-values.ts';

const ids = z.array(id);
const enrolment = z.enum(['self', 'admin', 'auto']);

const platform = z.strictObject({
  timeZone,
  owner: id,
  rootGroup: id,
  seats: count.nullable().default(null).describe('null = unlimited'),
});

const user = z.strictObject({
  id,
  email: word,
  name: text,
  status: z.enum(['active', 'deleted']),
  deletedAt: instant.nullable().default(null),
  deletionKind: z.enum(['manual', 'automatic']).nullable().default(null),
  deletedBy: id.nullable().default(null).describe("a user's id, or 'system'"),
  deletionScheduledOn: date.nullable().default(null).describe('the automatic deletion date'),
  profile: jsonObject.default({}).describe('what smart groups look at'),
  loginSessions: count.default(0).describe('open logins and tokens, as a number'),
});

const group = z.strictObject({
  id,
  name: text,
  parent: id.nullable(),
  visibility: z.enum(['public', 'private']),
  smartRule: jsonObject.nullable().default(null).describe('JsonLogic over the profile'),
});

const membership = z.strictObject({
  group: id,
  user: id,
  role: z.enum(['learner', 'coach', 'author', 'user-admin', 'admin']),
  since: instant,
});

const course = z.strictObject({
  id,
  title: text,
  ownerGroup: id,
  mainAuthor: id,
  coAuthors: ids.describe('ordered'),
  parentCourse: id.nullable().default(null),
  translationOf: id.nullable().default(null),
  enrolment,
});

const path = z.strictObject({
  id,
  title: text,
  ownerGroup: id,
  mainAuthor: id,
  coAuthors: ids.describe('ordered'),
  courses: ids.describe('ordered'),
  enrolment,
});

const pathSession = z.strictObject({
  id,
  path: id,
  audience: z.enum(['dynamic', 'static']),
  audienceGroups: ids,
  mainInstructor: id,
  coInstructors: ids.describe('ordered'),
  participants: ids,
});

const slot = z.strictObject({
  id,
  session: id,
  startsAt: instant,
  endsAt: instant,
  capacity: count.nullable().default(null),
  attendees: ids,
});

const registration = z.strictObject({
  user: id,
  activity: id.describe("a course's or a path's id"),
  method: z.enum(['self', 'admin', 'auto', 'qualification']),
  status: z.enum(['enrolled', 'in_progress', 'completed']),
  access: z.boolean(),
  listedAs: z.enum(['current', 'completed']),
  progress: z.number().min(0, 'is below 0').max(1, 'is above 1'),
  completedAt: instant.nullable().default(null),
});

/** The world file's members and their types; what they mean together is `parseWorld`'s to check. */
export const worldSchema = z.strictObject({
  platform,
  users: z.array(user),
  groups: z.array(group),
  memberships: z.array(membership),
  courses: z.array(course),
  paths: z.array(path),
  groupCourses: z.array(z.strictObject({ group: id, course: id })),
  groupPaths: z.array(z.strictObject({ group: id, path: id })),
  pathSessions: z.array(pathSession),
  slots: z.array(slot),
  activities: z.array(z.strictObject({ id, course: id, kind: word, title: text, owner: id })),
  items: z.array(z.strictObject({ id, kind: word, author: id, title: text })),
  registrations: z.array(registration),
  history: z.array(z.strictObject({ user: id, activity: id, kind: word, at: instant, result: jsonObject })),
  qualifications: z.array(z.strictObject({ id, name: text, rule: jsonObject, activities: ids })),
});

/** A whole reference host LMS as one document, all defaults filled in (world file). */
export type World = z.output<typeof worldSchema>;

/** The members of a world that are lists. */
export type WorldList = Exclude<keyof World, 'platform'>;

/** One entry of a world's list, for example `WorldRow<'users'>`. */
export type WorldRow<List extends WorldList> = World[List][number];

/** The world's lists, in the order of the file. */
export const worldLists = Object.keys(worldSchema.shape).filter((name) => name !== 'platform') as WorldList[];
