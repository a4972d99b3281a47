/**
 * What a profile update changes (C-04, C-05).
 *
 * - Who may: a platform admin, the platform owner, the system, the user for the own profile, an admin or user-admin of one of the
 *   user's groups.
 * - Attributes are merged; null removes one. What is as asked already is no change.
 * - Smart groups are judged by the profile as it is then, not by what the change touched: those whose rule matches have
 *   the user as a learner, those whose rule does not, do not. Other roles were given by hand and stay.
 * - A group whose rule cannot be judged for somebody keeps its members as they are, all of them.
 * - An account is never deleted by it: who is left without any group lives on, and needs attention.
 */
import type { Json, JsonObject, PlannedChange } from '../contracts/changes.ts';
import type {
  MembershipFact,
  PlatformFacts,
  ProfileFact,
  SmartGroupFact,
  UserFact,
} from '../contracts/facts.ts';
import type { Problem } from '../contracts/failures.ts';
import { compareIds } from '../contracts/ids.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';
import { isPlatformAdmin, rolesIn } from './authorization.ts';
import type { Actor } from './authorization.ts';
import { judgeRule } from './profile-rule.ts';
import type { Transition } from './transitions.ts';

/** Why the user's profile must not be updated; null when it may. */
export function updateForbidden(actor: Actor, user: UserFact, platform: PlatformFacts): Problem | null {
  if (!user.living) return { type: 'NotFound', message: `user ${user.id} is deleted` };
  if (isPlatformAdmin(actor, platform)) return null;
  if (actor !== null && typeof actor === 'object' && actor.living && actor.id === user.id) return null;
  const groups = [...new Set(user.memberships.map(({ group }) => group))].sort(compareIds);
  const administers = groups.some((group) =>
    rolesIn(actor, group).some((role) => role === 'admin' || role === 'user-admin'),
  );
  if (administers) return null;
  const message = `admin or user-admin role missing in all groups of user ${user.id}: ${groups.join(', ')}`;
  return { type: 'NotAuthorized', message };
}

/** The change of a profile; none when it is as asked already. */
export function planProfile({ user, profile }: ProfileFact, asked: JsonObject): PlannedChange[] {
  const touched = Object.keys(asked).filter((name) => !isSame(member(profile, name), member(asked, name)));
  if (touched.length === 0) return [];
  const pick = (from: JsonObject): JsonObject =>
    Object.fromEntries(touched.map((name) => [name, member(from, name)]));
  return [
    {
      step: 'updateProfiles',
      kind: 'profile.update',
      user,
      item: {},
      before: pick(profile),
      after: pick(asked),
      reason: { rule: 'C-04', because: 'the update was asked for' },
    },
  ];
}

/** An attribute by its name, whatever that is; null where there is none. */
function member(profile: JsonObject, name: string): Json {
  return Object.hasOwn(profile, name) ? (profile[name] ?? null) : null;
}

/** As jsonb compares: the order of members does not matter, that of a list does. */
function isSame(one: Json, other: Json): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: Json): string {
  return JSON.stringify(value, (_name, part: Json) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => compareIds(a, b)))
      : part,
  );
}

/** The profile once the update has been made. */
export function merged(profile: JsonObject, asked: JsonObject): JsonObject {
  const then = { ...profile, ...asked };
  return Object.fromEntries(
    Object.entries(then).filter(([name, value]) => value !== null || !Object.hasOwn(asked, name)),
  );
}

/** Which groups have a rule that says neither yes nor no for one of these profiles, and why. */
export function unjudgeable(
  groups: readonly SmartGroupFact[],
  profiles: readonly JsonObject[],
): Map<GroupId, string> {
  const problems = new Map<GroupId, string>();
  for (const { group, rule } of groups) {
    for (const profile of profiles) {
      const verdict = judgeRule(rule, profile);
      if (!('problem' in verdict)) continue;
      problems.set(group, verdict.problem);
      break;
    }
  }
  return problems;
}

/**
 * Which smart groups each user leaves and joins.
 *
 * @param profiles as they are once the update has been made, by user
 * @param groups without those whose rule cannot be judged
 */
export function profileTransitions(
  users: readonly UserFact[],
  profiles: ReadonlyMap<UserId, JsonObject>,
  groups: readonly SmartGroupFact[],
): Transition[] {
  return users.map((user) => {
    const learns = new Map<GroupId, MembershipFact>(
      user.memberships.filter(({ role }) => role === 'learner').map((held) => [held.group, held]),
    );
    const ended: MembershipFact[] = [];
    const joined: GroupId[] = [];
    for (const { group, rule } of groups) {
      const verdict = judgeRule(rule, profiles.get(user.id) ?? {});
      if ('problem' in verdict) continue;
      const held = learns.get(group);
      if (verdict.matches && held === undefined) joined.push(group);
      if (!verdict.matches && held !== undefined) ended.push(held);
    }
    return { user, ended, joined };
  });
}

/** Who is left without any group (C-04). */
export function leftWithoutGroup(transitions: readonly Transition[]): Map<UserId, Problem> {
  const left = transitions.filter(
    ({ user, ended, joined }) =>
      ended.length > 0 && joined.length === 0 && ended.length === user.memberships.length,
  );
  return new Map(
    left.map(({ user: { id } }) => [
      id,
      { type: 'NoGroupLeft', message: `user ${id} lives on without any group: no rule matches the profile` },
    ]),
  );
}
