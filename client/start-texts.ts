import { systemActor } from '../contracts/ids.ts';
import { asSummary } from '../contracts/summaries.ts';

type Input = Readonly<Record<string, unknown>>;

/** What the Temporal UI says of an operation from its start on, in one line and at length. */
export interface StartTexts {
  staticSummary: string;
  staticDetails: string;
}

/**
 * Tells people what a program has started: what it does, for whom, and with which limits. Of what was given only ids get in; an
 * email, or a text that may be one, does not.
 *
 * @param through the program that starts it, as `the command line`
 */
export function startTexts(workflow: string, input: Input, through: string): StartTexts {
  const doing = (Object.hasOwn(deeds, workflow) && deeds[workflow]?.(input)) || workflow;
  const preview = input['mode'] === 'preview' ? ' (preview: nothing is changed)' : '';
  const asker = idOf(input['requestedBy']);
  const who = !asker || asker === systemActor ? 'by the system' : `by user ${asker}`;
  return {
    staticSummary: asSummary(`${doing}${preview}, ${who}, through ${through}`),
    staticDetails: [
      `${doing}${preview}.`,
      '',
      `- asked for ${who}, through ${through}`,
      ...limits.flatMap((name) => limitText(name, input[name])),
      '',
      '**Current Details** below tell where it stands and what can be done.',
    ].join('\n'),
  };
}

/** What decides how far an operation goes; none of it is personal. */
const limits = [
  ...['mode', 'approval', 'planHash', 'maxUsers', 'maxShare', 'includePrivateSubgroups', 'cascade'],
  ...['subgroups', 'orphans', 'restore', 'format'],
];

function limitText(name: string, value: unknown): string[] {
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const texts = values.map((one) => (typeof one === 'string' ? idOf(one) : shownScalar(one)));
  return texts.every((text) => text !== null) ? [`- ${name}: ${texts.join(', ')}`] : [];
}

function shownScalar(value: unknown): string | null {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

const deeds: Readonly<Partial<Record<string, (input: Input) => string>>> = {
  deleteUser: ({ user }) => `Deletes ${userText(user)}`,
  deleteUsers: (input) => `Deletes ${usersText(input)}`,
  deleteDueUsers: () => 'Deletes the users whose automatic deletion date has come',
  reinstateUser: ({ user }) => `Brings back ${userText(user)}`,
  removeFromGroup: (input) => `Removes ${usersText(input)} from ${named('group', input['group'])}`,
  deleteGroup: ({ group }) => `Deletes ${named('group', group)}`,
  removeCoursesFromGroup: ({ group, courses }) =>
    `Takes ${several('course', courses)} from ${named('group', group)}`,
  removePathsFromGroup: ({ group, paths }) => `Takes ${several('path', paths)} from ${named('group', group)}`,
  removeCoursesFromPath: ({ path, courses }) =>
    `Takes ${several('course', courses)} from ${named('path', path)}`,
  updateProfiles: (input) => `Updates the profiles of ${usersText({ ...input, users: input['profiles'] })}`,
  unenrolUsers: (input) => `Unenrols ${usersText({ users: input['registrations'], ...input })}`,
  removeRegistrations: (input) =>
    `Removes registrations of ${usersText({ users: input['registrations'], ...input })} for good`,
  reconcileQualifications: ({ users }) =>
    `Looks for missing qualification enrolments of ${users === undefined ? 'all users' : usersText({ users })}`,
  copyActivity: ({ activity, newOwner }) => `Copies ${named('activity', activity)} for ${userText(newOwner)}`,
  runImport: (input) => `Runs ${named('import', input['import'])}`,
  runReport: ({ report }) =>
    `Writes ${typeof report === 'string' ? named('report', report) : 'a report'} and mails a link to it`,
  undoOperation: ({ operation }) => `Takes back ${named('operation', operation)}`,
};

function usersText({ users, list }: Input): string {
  if (list !== undefined) return `the users of ${named('list', list)}`;
  if (!Array.isArray(users)) return 'some users';
  return users.length === 1 ? userText(users[0]) : `${users.length} users`;
}

function userText(user: unknown): string {
  const given: unknown = typeof user === 'object' && user !== null && 'user' in user ? user.user : user;
  const id: unknown = typeof given === 'object' && given !== null && 'id' in given ? given.id : given;
  return named('user', id);
}

function several(what: string, ids: unknown): string {
  if (!Array.isArray(ids)) return `${what}s`;
  return ids.length === 1 ? named(what, ids[0]) : `${ids.length} ${what}s`;
}

function named(what: string, id: unknown): string {
  const known = idOf(id);
  return known === null ? `a ${what}` : `${what} ${known}`;
}

/** What can only be an id. */
function idOf(value: unknown): string | null {
  return typeof value === 'string' && /^[\w.:/-]{1,64}$/.test(value) ? value : null;
}
