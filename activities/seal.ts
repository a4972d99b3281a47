import type { Dependencies } from './dependencies.ts';
import { isIrreversible } from './kinds.ts';
import { requireOpen } from './operation.ts';
import { planHash } from './plan-hash.ts';
import { changeKinds } from '../contracts/changes.ts';
import type { ChangeKind, JsonObject } from '../contracts/changes.ts';
import { Refusal } from '../contracts/failures.ts';
import { operationSchemas } from '../contracts/operations.ts';
import { systemActor } from '../contracts/ids.ts';
import type { OperationInput } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { chunkPlans, countLeaving, countThough, listChanges } from '../ledger/changes.ts';
import type { ChunkPlan } from '../ledger/changes.ts';
import { insertNotes } from '../ledger/notes.ts';
import { comparePlans, planIsKnown } from '../ledger/compare-plans.ts';
import { sealOperation } from '../ledger/operations.ts';
import type { OperationRow } from '../ledger/operations.ts';

/** How many changes of a plan the workflow itself can show; the rest is in the ledger. */
const sampleSize = 100;

/** A change as the Temporal UI shows it. */
export interface PlanLine {
  kind: ChangeKind;
  user: string;
  item: JsonObject;
  before: JsonObject | null;
  after: JsonObject | null;
  rule: string;
  because: string;
}

export interface SealedPlan {
  planHash: string;
  counts: Partial<Record<ChangeKind, number>>;
  /** The users whom it changes. */
  users: number;
  /** All changes. */
  total: number;
  /** The first ones. */
  lines: PlanLine[];
  /** Why the plan waits for approval; null when it need not. */
  approvalBecause: string | null;
}

/**
 * Closes the plan: its hash, its counts, the guards, and whether it waits for approval.
 *
 * @throws Refusal PlanChanged, GuardExceeded
 */
export async function seal(
  deps: Dependencies,
  { operation: id }: { operation: string },
): Promise<SealedPlan> {
  return deps.database.transaction(async (sql) => {
    const [operation, plans] = await Promise.all([requireOpen(sql, id), chunkPlans(sql, id)]);
    const users = plans.reduce((sum, plan) => sum + plan.users, 0);
    const { counts, total } = totals(plans);
    const input = operationSchemas[operation.kind].parse(operation.input);
    const hash = planHash(
      operation.kind,
      plans.map((plan) => plan.hash),
    );
    if (input.planHash !== undefined && input.planHash !== hash) {
      throw new Refusal('PlanChanged', await planChanged(sql, input.planHash, hash, id));
    }
    await guard(deps, sql, { users, returning: counts['account.reinstate'] ?? 0 }, input);
    if (operation.kind === 'updateProfiles' && users > guardedAbove)
      await guardGroups(deps, sql, id, input.maxShare);
    if ((counts['access.revoke'] ?? 0) > 0) await warnOfLinked(sql, id);
    const approvalBecause = approvalNeeded(
      operation,
      input,
      { users, removed: counts['registration.remove'] ?? 0 },
      deps.settings.approvalAbove,
    );
    const [lines] = await Promise.all([
      firstLines(sql, id),
      sealOperation(sql, id, hash, nextState(operation, approvalBecause)),
    ]);
    return { planHash: hash, approvalBecause, users, counts, total, lines };
  });
}

/** Why the plan waits for approval; a schedule's never does, unless its input asks for it (D-19). */
function approvalNeeded(
  { mode, kind, requestedBy }: OperationRow,
  { approval }: OperationInput,
  { users, removed }: { users: number; removed: number },
  limit: number,
): string | null {
  if (mode === 'preview') return null;
  if (approval === 'required') return 'the input asks for it';
  if (isIrreversible(kind) && removed > 0) return 'what it removes is gone for good';
  const bySchedule =
    kind === 'deleteDueUsers' || (kind === 'reconcileQualifications' && requestedBy === systemActor);
  if (bySchedule || users <= limit) return null;
  return `it changes ${users} users, more than ${limit}`;
}

function totals(plans: readonly ChunkPlan[]): Pick<SealedPlan, 'counts' | 'total'> {
  const counts: Partial<Record<ChangeKind, number>> = {};
  for (const plan of plans) {
    for (const kind of changeKinds) {
      const n = plan.counts[kind] ?? 0;
      if (n > 0) counts[kind] = (counts[kind] ?? 0) + n;
    }
  }
  return { counts, total: Object.values(counts).reduce((sum, n) => sum + n, 0) };
}

function nextState(
  operation: OperationRow,
  approvalBecause: string | null,
): 'planning' | 'waiting-for-approval' | 'applying' {
  if (operation.mode === 'preview') return 'planning';
  return approvalBecause === null ? 'applying' : 'waiting-for-approval';
}

/** What goes by the cascade although it has a link of its own is told, already by the preview (C-12). */
async function warnOfLinked(sql: Sql, id: string): Promise<void> {
  const n = await countThough(sql, id);
  if (n === 0) return;
  const message =
    `${n} of the registrations that go hang below a course that is de-assigned, and have a link of their own; ` +
    'cascade: "unless-linked" would spare them';
  await insertNotes(sql, id, [{ subject: 'C-12', message }]);
}

/** Up to so many users no share is looked at. */
const guardedAbove = 100;

async function guard(
  deps: Dependencies,
  sql: Sql,
  { users, returning }: { users: number; returning: number },
  { maxUsers, maxShare }: { maxUsers?: number | undefined; maxShare: number },
): Promise<void> {
  if (maxUsers !== undefined && users > maxUsers) {
    throw new Refusal('GuardExceeded', `the plan changes ${users} users, more than maxUsers ${maxUsers}`);
  }
  if (users <= guardedAbove) return;
  // Who comes back by the plan belongs to the whole that it is a part of, or an undo could be more than all of it.
  const living = (await deps.host.countLivingUsers(sql)) + returning;
  if (users > maxShare * living) {
    throw new Refusal(
      'GuardExceeded',
      `the plan changes ${users} of ${living} living users, more than maxShare ${maxShare}`,
    );
  }
}

/** One wrong column of a file must not empty the groups of a company: a group counts like the platform. */
async function guardGroups(deps: Dependencies, sql: Sql, operation: string, maxShare: number): Promise<void> {
  const leaving = await countLeaving(sql, operation);
  const groups = leaving.map(({ group }) => group);
  const found = (await deps.host.profiles?.countMembers(sql, groups)) ?? [];
  const members = new Map(found.map((row) => [row.group, row.members]));
  const emptied = leaving.filter(({ group, users }) => users > maxShare * (members.get(group) ?? 0));
  if (emptied.length === 0) return;
  const texts = emptied
    .slice(0, shownGroups)
    .map(({ group, users }) => `${users} of the ${members.get(group) ?? 0} members of group ${group}`);
  const more = emptied.length > shownGroups ? ` and of ${emptied.length - shownGroups} other groups` : '';
  throw new Refusal(
    'GuardExceeded',
    `the plan takes out ${texts.join(', ')}${more}, more than maxShare ${maxShare}`,
  );
}

/** How many groups a message names. */
const shownGroups = 5;

async function planChanged(sql: Sql, seen: string, now: string, operation: string): Promise<string> {
  const moved = `the plan would be ${now}, not ${seen}`;
  if (!(await planIsKnown(sql, seen, operation))) return `${moved}: no plan with that hash is in the ledger`;
  const differences = await comparePlans(sql, seen, operation);
  const lines = differences.map(
    ({ in: side, kind, user, item, after }) =>
      `${side === 'now' ? '+' : '-'} ${kind} user ${user} ${JSON.stringify(item)} -> ${JSON.stringify(shown(kind, after))}`,
  );
  return `${moved}: ${lines.join('; ')}`;
}

async function firstLines(sql: Sql, id: string): Promise<PlanLine[]> {
  const rows = await listChanges(sql, id, 0, sampleSize);
  return rows.map(({ kind, user, item, before, after, reason }) => ({
    kind,
    user,
    item,
    before: shown(kind, before),
    after: shown(kind, after),
    rule: reason.rule,
    because: reason.because,
  }));
}

/** What Temporal may see of a change: of a profile only which attributes it is about. */
function shown(kind: ChangeKind, members: JsonObject | null): JsonObject | null {
  if (kind !== 'profile.update' || members === null) return members;
  return Object.fromEntries(Object.keys(members).map((name) => [name, '…']));
}
