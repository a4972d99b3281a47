/**
 * Who must be registered for what because of a qualification.
 *
 * - A living user whose profile matches the rule of a qualification needs a registration for each activity that it requires:
 *   enrolled by the method qualification, blank. What was unenrolled is a registration, too.
 * - A deleted user needs none, nor does one whose profile does not match.
 * - A rule that says neither yes nor no registers nobody: it is reported.
 */
import type { Json, JsonObject, PlannedChange, Step } from '../contracts/changes.ts';
import type { EnrolledFact, PersonFact, QualificationFact, RegistrationKey } from '../contracts/facts.ts';
import { registrationKey } from '../contracts/ids.ts';
import type { UserId } from '../contracts/ids.ts';
import { judgeRule } from './profile-rule.ts';
import type { RuleVerdict } from './profile-rule.ts';

/** A registration that a user must have, and the qualification because of which. */
export interface Requirement extends RegistrationKey {
  qualification: string;
}

/** What is required, and the rules that could not say. */
export interface Requirements {
  required: Requirement[];
  notes: { subject: string; message: string }[];
}

/** What these users must be registered for, each activity once: by the first qualification that requires it. */
export function requirements(
  qualifications: readonly QualificationFact[],
  profiles: readonly PersonFact[],
): Requirements {
  const required = new Map<string, Requirement>();
  const problems = new Map<string, string>();
  for (const { user, living, profile } of profiles) {
    if (!living) continue;
    for (const qualification of qualifications) {
      const verdict = judge(qualification.rule, profile);
      if ('problem' in verdict) {
        problems.set(`qualification ${qualification.id}`, verdict.problem);
      } else if (verdict.matches) {
        for (const activity of qualification.activities) {
          const key = registrationKey({ user, activity });
          if (!required.has(key)) required.set(key, { user, activity, qualification: qualification.id });
        }
      }
    }
  }
  const notes = [...problems].map(([subject, problem]) => ({
    subject,
    message: `${problem}; whomever it says that of is not registered because of it`,
  }));
  return { required: [...required.values()], notes };
}

function judge(rule: Json, profile: JsonObject): RuleVerdict {
  const isRule = typeof rule === 'object' && rule !== null && !Array.isArray(rule);
  return isRule ? judgeRule(rule, profile) : { problem: 'its rule is none' };
}

/** What these users must be registered for and are not. */
export function missingRegistrations(
  qualifications: readonly QualificationFact[],
  users: readonly EnrolledFact[],
): Requirements {
  const held = new Map<UserId, ReadonlySet<string>>(users.map(({ user, held }) => [user, new Set(held)]));
  const { required, notes } = requirements(qualifications, users);
  return { required: required.filter(({ user, activity }) => !held.get(user)?.has(activity)), notes };
}

/** Enrols by qualification, with a blank history. */
export function enrol(
  { user, activity, qualification }: Requirement,
  step: Extract<Step, 'removeRegistrations' | 'enrolQualified'>,
): PlannedChange {
  const rule = step === 'removeRegistrations' ? 'R-05' : 'R-07';
  return {
    step,
    kind: 'registration.add',
    user,
    item: { activity },
    before: null,
    after: { ...blank },
    reason: { rule, because: `qualification ${qualification} requires it` },
  };
}

const blank: JsonObject = {
  method: 'qualification',
  status: 'enrolled',
  access: true,
  listedAs: 'current',
  progress: 0,
};
