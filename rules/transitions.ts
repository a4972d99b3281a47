/**
 * What changes when living users leave groups and join others, whoever decides which (G-08, G-09, C-14).
 *
 * - A dynamic session is left, with its upcoming slots, when a group of its audience has been left and no other group of
 *   it holds the user in any role (G-08); a static one is not (G-09).
 * - Who joins a group gets the learner role in it, and a place in every dynamic session of whose audience it is, but no
 *   seat in its slots (reading of G-08). Who has another role in it already belongs to it.
 */
import type { PlannedChange, Reason } from '../contracts/changes.ts';
import type {
  AudienceFact,
  DeletionFacts,
  MembershipFact,
  Micros,
  ParticipationFact,
  UserFact,
} from '../contracts/facts.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';
import { byUser } from './by-user.ts';
import { isUpcoming, leaveSession, leaveSlot } from './classroom.ts';
import type { Move } from './content.ts';
import { instantText } from './instant.ts';

/** What one user leaves and joins. */
export interface Transition {
  user: UserFact;
  ended: readonly MembershipFact[];
  /** The groups in which the user gets the learner role. */
  joined: readonly GroupId[];
}

/** What an operation has taken from a user before. */
export interface Departures {
  groups: ReadonlySet<GroupId>;
  sessions: ReadonlySet<string>;
}

/**
 * The sessions, slots and memberships that end, user by user.
 *
 * @param facts of these users
 * @param before what the operation has taken from them already
 * @param now the moment after which a slot counts as upcoming (D-03)
 */
export function planDepartures(
  facts: Pick<DeletionFacts, 'participations' | 'attendances'>,
  transitions: readonly Transition[],
  reason: (membership: MembershipFact) => Reason,
  before: ReadonlyMap<UserId, Departures>,
  now: Micros,
): PlannedChange[] {
  const participations = byUser(facts.participations);
  const attendances = byUser(facts.attendances);
  return transitions.flatMap((transition) => {
    const { id } = transition.user;
    const departures = before.get(id);
    const sessions = (participations.get(id) ?? [])
      .filter((participation) => losesPlace(participation, transition, departures))
      .map(({ session }) => session);
    const left = new Set([...sessions, ...(departures?.sessions ?? [])]);
    const slots = (attendances.get(id) ?? []).filter(
      (attendance) => left.has(attendance.session) && isUpcoming(attendance, now),
    );
    return [
      ...slots.map((attendance) => leaveSlot(attendance, 'G-08')),
      ...sessions.map((session) => leaveSession(id, session)),
      ...transition.ended.map((held) => leaveGroup(held, reason(held))),
    ];
  });
}

function losesPlace(
  { audience, audienceGroups }: ParticipationFact,
  { user, ended, joined }: Transition,
  before: Departures | undefined,
): boolean {
  if (audience === 'static') return false;
  const wasLeft = (group: GroupId): boolean =>
    ended.some((held) => held.group === group) || before?.groups.has(group) === true;
  const remains = (group: GroupId): boolean =>
    joined.includes(group) || user.memberships.some((held) => held.group === group && !ended.includes(held));
  return audienceGroups.some(wasLeft) && !audienceGroups.some(remains);
}

/** The end of a membership. */
export function leaveGroup({ user, group, role, since }: MembershipFact, reason: Reason): PlannedChange {
  return {
    step: 'leaveGroups',
    kind: 'membership.remove',
    user,
    item: { group, role },
    before: { since: instantText(since) },
    after: null,
    reason,
  };
}

/**
 * The memberships that begin, and the places that come with them, user by user.
 *
 * @param facts the participations of these users
 * @param audiences the dynamic sessions of the groups that are joined
 */
export function planArrivals(
  { participations }: Pick<DeletionFacts, 'participations'>,
  transitions: readonly Transition[],
  audiences: readonly AudienceFact[],
  reason: Reason,
): PlannedChange[] {
  const places = byUser(participations);
  return transitions.flatMap(({ user, joined }) => {
    const held = new Set((places.get(user.id) ?? []).map(({ session }) => session));
    const fresh = joined.filter(
      (group) => !user.memberships.some((membership) => membership.group === group),
    );
    const sessions = audiences
      .filter(({ group, session }) => fresh.includes(group) && !held.has(session))
      .map(({ session }) => session);
    return [
      ...joined.map((group) => joinGroup(user.id, group, reason)),
      ...[...new Set(sessions)].map((session) => joinSession(user.id, session)),
    ];
  });
}

function joinGroup(user: UserId, group: GroupId, reason: Reason): PlannedChange {
  return {
    step: 'joinGroups',
    kind: 'membership.add',
    user,
    item: { group, role: 'learner' },
    before: null,
    after: { since: null },
    reason,
  };
}

/** A place in a session whose audience holds the user now. */
export function joinSession(user: UserId, session: string): PlannedChange {
  return {
    step: 'joinSessions',
    kind: 'session.join',
    user,
    item: { session },
    before: null,
    after: {},
    reason: { rule: 'G-08', because: 'its dynamic audience holds the user by a group that is joined' },
  };
}

/** The groups of each user before and after: what decides about their content (G-10, C-14). */
export function movesOf(transitions: readonly Transition[], before: ReadonlyMap<UserId, Departures>): Move[] {
  return transitions.map(({ user, ended, joined }) => {
    const ends = new Set(ended);
    const held = user.memberships.map(({ group }) => group);
    const kept = user.memberships.filter((membership) => !ends.has(membership)).map(({ group }) => group);
    return {
      user: user.id,
      before: [...new Set([...held, ...(before.get(user.id)?.groups ?? [])])],
      after: [...new Set([...kept, ...joined])],
    };
  });
}
