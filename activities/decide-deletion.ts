import { moment } from './moment.ts';
import { readActor, refusals } from './planner.ts';
import type { Decisions, OperationContext, PlanContext } from './planner.ts';
import { successorCandidates } from './successor-candidates.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { MemberFacts, Micros, UserFact } from '../contracts/facts.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { leavingAmong } from '../ledger/targets.ts';
import type { Settlement } from '../ledger/targets.ts';
import { adminOnly } from '../rules/authorization.ts';
import { dueInstant, isDue } from '../rules/automatic-deletion.ts';
import { becameOwner, judgeDeletion, planDeletion } from '../rules/deletion.ts';
import type { DeletionManner } from '../rules/deletion.ts';

/** What tells one way of deleting from another. */
interface Deletion {
  includePrivateSubgroups(context: PlanContext): boolean;
  manner(context: PlanContext, facts: MemberFacts): (user: UserFact) => DeletionManner;
  /** Whether the user is still to be deleted at all. */
  stillAsked(facts: MemberFacts, user: UserFact, now: Micros): boolean;
}

/** Deletion that somebody asks for: one user or many (rules D). */
const asked: Deletion = {
  includePrivateSubgroups: ({ operation }) => operation.input['includePrivateSubgroups'] === true,
  manner: ({ operation }) => manually(operation.requestedBy),
  stillAsked: () => true,
};
export const askedDeletion = decisionsOf(asked);

/** Deletion of whose date has come (D-19): private memberships go too, and the date decides what is recorded. */
export const dueDeletion = decisionsOf({
  includePrivateSubgroups: () => true,
  manner:
    (_, { platform }) =>
    (user) => ({
      kind: 'automatic',
      by: 'system',
      at: dueInstant(user, platform.timeZone),
    }),
  stillAsked: ({ platform }, user, now) => isDue(user, platform.timeZone, now),
});

/** @throws Refusal NotAuthorized: what the schedule does, nobody else may start but platform admins (rules A) */
export async function admitDueDeletion(context: OperationContext): Promise<void> {
  const [actor, platform] = await Promise.all([readActor(context), context.host.platform(context.sql)]);
  const problem = adminOnly(actor, platform, 'run the automatic deletion');
  if (problem) throw new Refusal(problem.type, problem.message);
}

/** What is left to do for users whose accounts are gone, whatever operation has retired them. */
export function deletionRest(context: PlanContext): Promise<PlannedChange[]> {
  return changesFor(context, asked);
}

function manually(by: string): () => DeletionManner {
  return () => ({ kind: 'manual', by, at: null });
}

function decisionsOf(deletion: Deletion): Decisions {
  return {
    judge: (context) => judge(context, deletion),
    plan: (context) => changesFor(context, deletion),
    recheck,
    rest: (context) => changesFor(context, deletion),
  };
}

async function judge(context: PlanContext, deletion: Deletion): Promise<Settlement[]> {
  const { sql, host, users } = context;
  const [facts, actor, now] = await Promise.all([
    host.memberFacts(sql, users, null),
    readActor(context),
    moment(sql),
  ]);
  const asked = facts.users.filter((user) => deletion.stillAsked(facts, user, now));
  const includePrivateSubgroups = deletion.includePrivateSubgroups(context);
  const refused = judgeDeletion({ ...facts, users: asked }, actor, { includePrivateSubgroups });
  const accepted = new Set(asked.map((user) => user.id).filter((user) => !refused.has(user)));
  const untouched = users.filter((user) => !accepted.has(user) && !refused.has(user));
  return [
    ...refusals(refused),
    ...[...accepted].map((user) => ({ user, state: 'accepted' as const, leaves: true })),
    ...untouched.map((user) => ({ user, state: 'unchanged' as const })),
  ];
}

async function changesFor(context: PlanContext, deletion: Deletion): Promise<PlannedChange[]> {
  const { sql, host, operation, users } = context;
  const facts = await host.deletionFacts(sql, users, null);
  const [leaving, now] = await Promise.all([
    leavingAmong(sql, operation.id, [...users, ...successorCandidates(facts)]),
    moment(sql),
  ]);
  return planDeletion(facts, leaving, deletion.manner(context, facts), now);
}

/** Who has become the platform owner since is left alone, and needs attention (D-14). */
export async function recheck({ sql, host, users }: PlanContext): Promise<Map<UserId, Problem>> {
  const { owner } = await host.platform(sql);
  return new Map(users.includes(owner) ? [[owner, becameOwner(owner)]] : []);
}
