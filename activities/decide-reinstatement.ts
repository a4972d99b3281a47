import { contentWithMemberships } from './content-changes.ts';
import { readActor, refusals, settle } from './planner.ts';
import type { Decisions, PlanContext } from './planner.ts';
import { textOf } from '../contracts/changes.ts';
import type { ChangeKind, PlannedChange } from '../contracts/changes.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { reinstateUserSchema } from '../contracts/operations.ts';
import type { Obstacle } from '../contracts/undo.ts';
import { lastDeletion, linksRemovedSince, undoableChanges } from '../ledger/changes.ts';
import type { ChangeRow } from '../ledger/changes.ts';
import type { Settlement } from '../ledger/targets.ts';
import { adminOnly } from '../rules/authorization.ts';
import { chosenChanges, planReinstatement } from '../rules/reinstatement.ts';
import { lostLinks } from '../rules/links.ts';
import { accountProblem } from '../rules/undo.ts';

/** Brings a deleted user back (D-20). */
export const reinstatement: Decisions = { judge, plan };

async function judge(context: PlanContext): Promise<Settlement[]> {
  const [user] = context.users;
  if (user === undefined) return [];
  const problem = await forbidden(context, user);
  return problem ? refusals(new Map([[user, problem]])) : [{ user, state: 'accepted' }];
}

async function forbidden(context: PlanContext, user: UserId): Promise<Problem | null> {
  const { sql, host } = context;
  const refused = adminOnly(await readActor(context), await host.platform(sql), 'reinstate a user');
  if (refused) return refused;
  const record = await recordOf(context, user);
  const { obstacle } = await host.reinstatementFacts(sql, user, record.length > 0);
  return obstacle === null ? null : accountProblem(user, obstacle);
}

/** What the deletion changed, newest first; nothing when the account was deleted otherwise since. */
async function recordOf({ sql, host }: PlanContext, user: UserId): Promise<ChangeRow[]> {
  const operation = await lastDeletion(sql, user);
  if (operation === null) return [];
  const changes = await undoableChanges(sql, operation, [user]);
  const retired = changes.filter(({ kind }) => kind === 'account.retire');
  const obstacles = await host.undoObstacles(sql, retired);
  return obstacles.some(({ obstacle }) => obstacle === 'moved-on') ? [] : changes;
}

async function plan(context: PlanContext): Promise<PlannedChange[]> {
  const { sql, host, operation, users } = context;
  const [user] = users;
  if (user === undefined) return [];
  const { restore } = reinstateUserSchema.parse(operation.input);
  const record = await recordOf(context, user);
  const chosen = chosenChanges(record, restore);
  const found = await host.undoObstacles(sql, chosen);
  const obstacles = new Map<string, Obstacle>(found.map(({ id, obstacle }) => [id, obstacle]));
  const { audiences } = await host.reinstatementFacts(sql, user, chosen.length > 0);
  const { changes, problem } = planReinstatement(user, chosen, obstacles, audiences);
  if (problem) await settle(context, new Map([[user, problem]]));
  return [...changes, ...(await contentOfReturned(context, user, record, changes))];
}

/**
 * The C rows for the links that the user had when deleted and has no longer, and C-14 for the groups that come back. What groups
 * and paths have lost meanwhile is known from the ledger.
 */
async function contentOfReturned(
  context: PlanContext,
  user: UserId,
  record: readonly ChangeRow[],
  changes: readonly PlannedChange[],
): Promise<PlannedChange[]> {
  const [first] = record;
  if (!first) return [];
  const groupsOf = (kind: ChangeKind, list: readonly Pick<PlannedChange, 'kind' | 'item'>[]): string[] => [
    ...new Set(list.filter((change) => change.kind === kind).map(({ item }) => textOf(item, 'group'))),
  ];
  const back = groupsOf('membership.add', changes);
  const move = { user, before: groupsOf('membership.remove', record), after: back, joined: back };
  const lost = lostLinks(await linksRemovedSince(context.sql, first.id));
  return contentWithMemberships(context, [move], { rule: 'D-20', cascade: 'always', lost });
}
