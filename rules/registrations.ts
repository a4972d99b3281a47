/**
 * Unenrolling users and removing registrations.
 *
 * - Unenrolled: still listed, under Completed, and access ends. Status, completion, progress and history stay as they are, and
 *   so does everything else: what a path holds, sub-courses, session places.
 * - Every registration that there is can be unenrolled, completed, automatic and de-assigned ones too. Reported with the reason: an
 *   unknown or deleted user, an unknown activity, no registration, one that is unenrolled already.
 * - Removed: the registration and its history are gone for good, also a deleted user's. One that is not there is as
 *   asked already.
 * - What the host cannot end or remove, as where something else would bring it back at once, is reported with its sentence.
 * - Who may: an admin of the activity's owner group (rules A), judged registration by registration, after existence.
 */
import type { PlannedChange } from '../contracts/changes.ts';
import type {
  ActivityFact,
  PlatformFacts,
  RegistrationFact,
  RegistrationFacts,
  RegistrationKey,
} from '../contracts/facts.ts';
import type { Problem } from '../contracts/failures.ts';
import { registrationKey } from '../contracts/ids.ts';
import { registrationForbidden } from './authorization.ts';
import type { Actor } from './authorization.ts';

/** What becomes of one registration that somebody names. */
export type RegistrationVerdict =
  | { is: 'accepted'; registration: RegistrationFact }
  | { is: 'unchanged' }
  | { is: 'refused'; problem: Problem };

/** Judges one registration after the other. */
export type RegistrationJudge = (key: RegistrationKey) => RegistrationVerdict;

/** Which registrations are unenrolled, and why not the others. */
export function unenrolmentJudge(
  facts: RegistrationFacts,
  actor: Actor,
  platform: PlatformFacts,
): RegistrationJudge {
  const known = index(facts);
  return (key) => {
    const { user, activity, registration } = known(key);
    if (user?.living !== true) return refused('NotFound', `user ${key.user} is deleted`);
    if (!activity) return refused('NotFound', unknownActivity(key));
    const forbidden = registrationForbidden(actor, activity, platform);
    if (forbidden) return { is: 'refused', problem: forbidden };
    if (!registration) return refused('NotRegistered', `${nameOf(key)}: is not registered`);
    if (isUnenrolled(registration)) {
      return refused('AlreadyUnenrolled', `${nameOf(key)}: is unenrolled already`);
    }
    const refusal = registration.refusals?.unenrol;
    if (refusal !== undefined) return refused('InvalidInput', `${nameOf(key)}: ${refusal}`);
    return { is: 'accepted', registration };
  };
}

/** Which registrations are removed for good, and why not the others. */
export function removalJudge(
  facts: RegistrationFacts,
  actor: Actor,
  platform: PlatformFacts,
): RegistrationJudge {
  const known = index(facts);
  return (key) => {
    const { activity, registration } = known(key);
    if (!activity) return refused('NotFound', unknownActivity(key));
    if (!registration) return { is: 'unchanged' };
    const forbidden = registrationForbidden(actor, activity, platform);
    if (forbidden) return { is: 'refused', problem: forbidden };
    const refusal = registration.refusals?.remove;
    if (refusal !== undefined) return refused('InvalidInput', `${nameOf(key)}: ${refusal}`);
    return { is: 'accepted', registration };
  };
}

/** Listed under Completed without access: no other act leaves that (C-02 keeps access, C-01 keeps it current). */
export function isUnenrolled({ access, listedAs }: RegistrationFact): boolean {
  return !access && listedAs === 'completed';
}

/** */
export function unenrol({ user, activity, access, listedAs }: RegistrationFact): PlannedChange {
  return {
    step: 'unenrol',
    kind: 'registration.unenrol',
    user,
    item: { activity },
    before: { access, listedAs },
    after: { access: false, listedAs: 'completed' },
    reason: { rule: 'R-01', because: 'to be unenrolled was asked for' },
  };
}

/** R-03; `before` says what kind and how many, not the content: that is to be gone. */
export function removeForGood(
  { user, activity, method, status }: RegistrationFact,
  history: Record<string, number>,
): PlannedChange {
  return {
    step: 'removeRegistrations',
    kind: 'registration.remove',
    user,
    item: { activity },
    before: { method, status, history },
    after: null,
    reason: { rule: 'R-03', because: 'its removal was asked for' },
  };
}

/** What was to be removed, and has changed since that was approved. */
export function changedSince(key: RegistrationKey): Problem {
  return {
    type: 'PlanChanged',
    message: `${nameOf(key)}: registration or history have changed since the plan was made, and were left alone`,
  };
}

interface Known {
  user: RegistrationFacts['users'][number] | undefined;
  activity: ActivityFact | undefined;
  registration: RegistrationFact | undefined;
}

function index(facts: RegistrationFacts): (key: RegistrationKey) => Known {
  const users = new Map(facts.users.map((user) => [user.id, user]));
  const activities = new Map(facts.activities.map((activity) => [activity.id, activity]));
  const held = new Map(facts.registrations.map((row) => [registrationKey(row), row]));
  return (key) => ({
    user: users.get(key.user),
    activity: activities.get(key.activity),
    registration: held.get(registrationKey(key)),
  });
}

function nameOf({ user, activity }: RegistrationKey): string {
  return `user ${user}, activity ${activity}`;
}

function unknownActivity({ activity }: RegistrationKey): string {
  return `there is no course or path ${activity}`;
}

function refused(type: Problem['type'], message: string): RegistrationVerdict {
  return { is: 'refused', problem: { type, message } };
}
