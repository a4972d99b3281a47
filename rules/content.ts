/**
 * Who loses and who gets content when links change (C-01 to C-15, G-10).
 *
 * - Only a link that the operation takes away can de-assign, and only where none is left after it, by another group or path
 *   (C-06 to C-11). De-assigned means that access ends and nothing else (C-01).
 * - Completed registrations keep it (C-02), and so do those whose method is not self or admin (C-03), or that give access by
 *   something of their own beside the groups.
 * - With a course its sub-courses and translations go, at every depth, even those with a link of their own, unless
 *   `cascade` spares these (C-12); what hangs below a kept or spared one goes all the same. Nothing cascades from a
 *   course that is kept itself, or was not open (C-13).
 * - Joining a group assigns its courses, its paths and their courses: a new registration, or the de-assigned one opened
 *   again, and with it what is de-assigned below (C-14). What was unenrolled stays so.
 * - What the same operation gives is not taken, nor what hangs below it, whether by a link of its own that is lost or by
 *   the cascade (C-04).
 */
import type { PlannedChange, Reason } from '../contracts/changes.ts';
import type { ContentFacts, RegistrationFact } from '../contracts/facts.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';
import type { Cascade } from '../contracts/operations.ts';
import { byUser } from './by-user.ts';
import { below, contentOf, holdings, linkedActivities, linksTo } from './links.ts';
import type { Content, LostLinks } from './links.ts';

/** The groups in which a living user has a role, before and after the operation. */
export interface Move {
  user: UserId;
  before: readonly GroupId[];
  after: readonly GroupId[];
  /** Whose content is assigned (C-14); without it those that are new. */
  joined?: readonly GroupId[];
}

/** Why and how an operation takes content away. */
export interface Deassignment {
  /** The rule by which links are lost, as C-08. */
  rule: string;
  cascade: Cascade;
  /** Links that the operation takes away for everybody. */
  lost: LostLinks;
}

/** What is the same for all users of a plan. */
interface Setting extends Deassignment {
  before: Content;
  after: Content;
  tree: ReadonlyMap<string, readonly string[]>;
  methods: ReadonlyMap<string, RegistrationFact['method']>;
}

/** One user: the groups before and after, and the registrations by activity. */
interface Learner extends Move {
  held: ReadonlyMap<string, RegistrationFact>;
}

/** The changes to the registrations of living users, user by user. */
export function planContent(
  facts: ContentFacts,
  moves: readonly Move[],
  deassignment: Deassignment,
): PlannedChange[] {
  const setting: Setting = {
    ...deassignment,
    before: contentOf(withLinks(facts, deassignment.lost)),
    after: contentOf(facts, deassignment.lost),
    tree: holdings(facts.courseTree),
    methods: new Map(facts.enrolments.map(({ activity, method }) => [activity, method])),
  };
  const registrations = byUser(facts.registrations);
  return moves.flatMap((move) => {
    const own = registrations.get(move.user) ?? [];
    const held = new Map(own.map((registration) => [registration.activity, registration]));
    return planLearner(setting, { ...move, held });
  });
}

/** The content with the links that are, or were until this operation took them away. */
function withLinks(facts: ContentFacts, lost: LostLinks): ContentFacts {
  return {
    ...facts,
    groupCourses: [...facts.groupCourses, ...lost.groupCourses],
    groupPaths: [...facts.groupPaths, ...lost.groupPaths],
    pathCourses: [...facts.pathCourses, ...lost.pathCourses],
  };
}

function planLearner(setting: Setting, learner: Learner): PlannedChange[] {
  const joined = learner.joined ?? learner.after.filter((group) => !learner.before.includes(group));
  const assigned = linkedActivities(setting.after, joined);
  const given = new Set([...assigned, ...below(setting.tree, assigned)]);
  return [...takeAway(setting, learner, given), ...assign(setting, learner, assigned)];
}

function takeAway(setting: Setting, learner: Learner, given: ReadonlySet<string>): PlannedChange[] {
  const { before, after, held } = learner;
  const linked = linkedActivities(setting.after, after);
  const lost = [...linkedActivities(setting.before, before)].flatMap((activity) => {
    const registration = held.get(activity);
    const kept = linked.has(activity) || given.has(activity);
    return !kept && isRevocable(registration) ? [registration] : [];
  });
  const roots = lost.map(({ activity }) => activity);
  const above = rootsAbove(setting.tree, roots);
  const hanging = [...above.keys()].flatMap((activity) => {
    const registration = held.get(activity);
    const spared = given.has(activity) || (setting.cascade === 'unless-linked' && linked.has(activity));
    return spared || roots.includes(activity) || !isRevocable(registration) ? [] : [registration];
  });
  return [
    ...lost.map((registration) => {
      const links = linksTo(setting.before, before, registration.activity).join(', ');
      return revoke(registration, { rule: setting.rule, because: `the last link is lost: ${links}` });
    }),
    ...hanging.map((registration) => {
      const because = `hangs below ${above.get(registration.activity) ?? ''}, which is de-assigned`;
      const own = linked.has(registration.activity) ? { though: 'a link of its own is left' } : {};
      return revoke(registration, { rule: 'C-12', because, ...own });
    }),
  ];
}

/** Everything that hangs below these courses, each with the first of them that it hangs below. */
function rootsAbove(
  tree: ReadonlyMap<string, readonly string[]>,
  roots: readonly string[],
): Map<string, string> {
  const above = new Map<string, string>();
  for (const root of roots) {
    for (const activity of below(tree, [root])) if (!above.has(activity)) above.set(activity, root);
  }
  return above;
}

/** Open by nothing but groups, not completed (C-02), and enrolled by oneself or an administrator (C-03). */
function isRevocable(registration: RegistrationFact | undefined): registration is RegistrationFact {
  if (!registration?.access || registration.status === 'completed' || registration.ownLink === true)
    return false;
  return registration.method === 'self' || registration.method === 'admin';
}

/** Who has a registration that losing links could close, each once. */
export function holdersAtRisk({ registrations }: ContentFacts): UserId[] {
  return [...new Set(registrations.filter(isRevocable).map(({ user }) => user))];
}

/** De-assigned, and not unenrolled: that stands under Completed. */
function isDeassigned({ access, listedAs }: RegistrationFact): boolean {
  return !access && listedAs === 'current';
}

function revoke(
  { user, activity, method, status, listedAs }: RegistrationFact,
  reason: Reason,
): PlannedChange {
  return {
    step: 'deassignContent',
    kind: 'access.revoke',
    user,
    item: { activity },
    before: { access: true, method, status, listedAs },
    after: { access: false },
    reason,
  };
}

/** What joining groups brings (C-14). */
function assign(setting: Setting, { user, held }: Learner, assigned: ReadonlySet<string>): PlannedChange[] {
  const reason = { rule: 'C-14', because: 'a group that the user joins assigns it' };
  const fresh = [...assigned].filter((activity) => !held.has(activity));
  const reopened = [...assigned].filter((activity) => isClosed(held, activity));
  const hanging = [...below(setting.tree, [...fresh, ...reopened])].filter(
    (activity) => isClosed(held, activity) && !assigned.has(activity),
  );
  return [
    ...fresh.map((activity) => register(user, activity, setting.methods.get(activity) ?? 'admin', reason)),
    ...reopened.map((activity) => grant(user, activity, reason)),
    ...hanging.map((activity) =>
      grant(user, activity, { rule: 'C-14', because: 'hangs below a course that is assigned again' }),
    ),
  ];
}

function isClosed(held: ReadonlyMap<string, RegistrationFact>, activity: string): boolean {
  const registration = held.get(activity);
  return registration !== undefined && isDeassigned(registration);
}

function register(
  user: UserId,
  activity: string,
  method: RegistrationFact['method'],
  reason: Reason,
): PlannedChange {
  const after = { method, status: 'enrolled', access: true, listedAs: 'current', progress: 0 };
  return {
    step: 'assignContent',
    kind: 'registration.add',
    user,
    item: { activity },
    before: null,
    after,
    reason,
  };
}

function grant(user: UserId, activity: string, reason: Reason): PlannedChange {
  return {
    step: 'assignContent',
    kind: 'access.grant',
    user,
    item: { activity },
    before: { access: false },
    after: { access: true },
    reason,
  };
}
