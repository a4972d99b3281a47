/**
 * What each event leads to. An event is a hint: it names who and what, and the operation reads the database for how things
 * are; what else an event says (the attributes of a profile, say) is not kept. All act as the system (rules A).
 *
 * - `user.deleted`: the account goes, private memberships too, as with an automatic deletion (D-19).
 * - `user.deletion_requested`: a request is not a decision: it waits for approval, and asks D-16's question as the dialog does.
 * - `user.profile_updated`: who is in which smart group is judged by the profile as it stands (C-04); no attribute is changed.
 * - `group.deleted`: G-11; without a word on subgroups and orphans it is refused where there are any.
 * - `group.member_removed`: rules G. `group.course_removed`, `group.path_removed`, `path.course_removed`: C-09, C-10, C-11.
 * - `registration.removed`: what a qualification of the user requires is registered again (R-07).
 */
import { z } from 'zod';
import type { JsonObject } from '../contracts/changes.ts';
import type { OperationKind } from '../contracts/operations.ts';

const id = z.string().trim().min(1).max(500);

/** A user by id, by email, or by what may be either; an id wins. Whatever else is said of the user is dropped. */
const userSchema = z.union([id, z.object({ id }), z.object({ email: id })]);
export type EventUser = z.infer<typeof userSchema>;

/**
 * An operation that an event leads to, as it stands in the inbox until it is started. `people` are put into its input once they
 * are known by id: as its `user`, its only one of `users`, the only row of `profiles`, or as its `users` or `list`.
 */
export interface Order {
  workflow: OperationKind;
  input: JsonObject;
  people: { as: 'user' | 'users' | 'profiles'; user: EventUser } | { as: 'list'; users: EventUser[] } | null;
  /** Whether a user who was reinstated after the event is meant no more. */
  endsWithReinstatement?: true;
  /** A group: whoever came to it after the event is meant no more. */
  endsWithReturnTo?: string;
}

/** A group, course or path: its id, alone or in an object. */
const thing = z.union([id, z.object({ id }).transform((named) => named.id)]);
const things = z.array(thing).min(1);

/** The user of an event: named by `user`, or what the data are about themselves. */
const aboutUser = z.union([
  z.object({ user: userSchema }).transform(({ user }) => user),
  z.object({ id }),
  z.object({ email: id }),
]);

const groupCourses = z.union([
  z.object({ group: thing, courses: things }),
  z.object({ group: thing, course: thing }).transform(({ group, course }) => ({ group, courses: [course] })),
]);
const groupPaths = z.union([
  z.object({ group: thing, paths: things }),
  z.object({ group: thing, path: thing }).transform(({ group, path }) => ({ group, paths: [path] })),
]);
const pathCourses = z.union([
  z.object({ path: thing, courses: things }),
  z.object({ path: thing, course: thing }).transform(({ path, course }) => ({ path, courses: [course] })),
]);

const includePrivateSubgroups = z.boolean().default(false);
const fate = z.enum(['delete', 'moveToParent']).optional();
const groupFate = { subgroups: fate, orphans: fate };
const member = { group: thing, includePrivateSubgroups };

/** Each event type with the shape of its data, which reads as the order that it leads to. */
export const events = {
  'user.deleted': aboutUser.transform((user): Order => ({
    workflow: 'deleteUser',
    input: { includePrivateSubgroups: true },
    people: { as: 'user', user },
    endsWithReinstatement: true,
  })),
  'user.deletion_requested': z.intersection(
    aboutUser.transform((user): Omit<Order, 'input'> => {
      const people = { as: 'user', user } as const;
      return { workflow: 'deleteUser', people, endsWithReinstatement: true };
    }),
    z
      .object({ includePrivateSubgroups })
      .transform((asked) => ({ input: { ...asked, approval: 'required' } })),
  ),
  'user.profile_updated': aboutUser.transform((user): Order => ({
    workflow: 'updateProfiles',
    input: {},
    people: { as: 'profiles', user },
  })),
  'group.deleted': z
    .union([
      z.object({ group: thing, ...groupFate }),
      z.object({ id, ...groupFate }).transform(({ id: group, ...fates }) => ({ group, ...fates })),
    ])
    .transform(({ group, subgroups, orphans }): Order => {
      const fates = { ...(subgroups && { subgroups }), ...(orphans && { orphans }) };
      return { workflow: 'deleteGroup', input: { group, ...fates }, people: null };
    }),
  'group.member_removed': z
    .union([
      z.object({ ...member, users: z.array(userSchema).min(1) }),
      z
        .object({ ...member, user: userSchema })
        .transform(({ user, ...rest }) => ({ ...rest, users: [user] })),
    ])
    .transform(({ users, ...input }): Order => ({
      workflow: 'removeFromGroup',
      input,
      people: { as: 'list', users },
      endsWithReturnTo: input.group,
    })),
  'group.course_removed': groupCourses.transform((input): Order => ({
    workflow: 'removeCoursesFromGroup',
    input,
    people: null,
  })),
  'group.path_removed': groupPaths.transform((input): Order => ({
    workflow: 'removePathsFromGroup',
    input,
    people: null,
  })),
  'path.course_removed': pathCourses.transform((input): Order => ({
    workflow: 'removeCoursesFromPath',
    input,
    people: null,
  })),
  'registration.removed': z.object({ user: userSchema }).transform(({ user }): Order => ({
    workflow: 'reconcileQualifications',
    input: {},
    people: { as: 'users', user },
  })),
} as const satisfies Record<string, z.ZodType<Order>>;
export type EventType = keyof typeof events;

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(events, type);
}
