import { admitLinkRemoval, isLinkRemoval } from './decide-links.ts';
import { isSingle } from './kinds.ts';
import type { OperationContext } from './planner.ts';
import { isAboutContent, registrationsForbidden } from './registration-rights.ts';
import { textOf } from '../contracts/changes.ts';
import type { MembershipFact, PlatformFacts, UserFact } from '../contracts/facts.ts';
import { Refusal } from '../contracts/failures.ts';
import type { Problem } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import { deleteGroupSchema, removeFromGroupSchema } from '../contracts/operations.ts';
import { undoableFrame } from '../ledger/changes.ts';
import type { ChangeRow } from '../ledger/changes.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { deletionForbidden, isPlatformAdmin } from '../rules/authorization.ts';
import type { Actor } from '../rules/authorization.ts';
import { groupDeletionForbidden } from '../rules/group-deletion.ts';
import { updateForbidden } from '../rules/profiles.ts';
import { moreThanLearner, removalForbidden } from '../rules/group-removal.ts';

/**
 * Platform admins may undo everything; whoever asked for the operation may too, where it would be allowed in the world
 * of then with the roles of today (rules A): the groups are those that the operation took the user out of.
 *
 * @returns why users must stay as they are
 * @throws Refusal NotAuthorized where that holds for the whole operation
 */
export async function undoForbidden(
  context: OperationContext,
  actor: Actor,
  original: OperationRow,
  changes: readonly ChangeRow[],
): Promise<Map<UserId, Problem>> {
  const { sql, host, operation } = context;
  const platform = await host.platform(sql);
  if (isPlatformAdmin(actor, platform)) return new Map();
  if (original.requestedBy !== operation.requestedBy) {
    throw new Refusal(
      'NotAuthorized',
      `only a platform admin or whoever asked for operation ${original.id} may undo it`,
    );
  }
  if (original.kind === 'deleteGroup') {
    await mayHaveDeleted(context, actor, original, platform);
    return new Map();
  }
  if (isLinkRemoval(original.kind)) {
    await admitLinkRemoval({ sql, host, operation: { ...original, requestedBy: operation.requestedBy } });
    return new Map();
  }
  if (original.kind === 'updateProfiles') return updatesForbidden(context, actor, changes, platform);
  const refused = isAboutContent(original.kind)
    ? await registrationsForbidden(context, actor, changes, platform)
    : membershipsForbidden(actor, original, changes, platform);
  const [problem] = refused.values();
  if (problem && isSingle(original.kind)) throw new Refusal(problem.type, problem.message);
  return refused;
}

function membershipsForbidden(
  actor: Actor,
  original: OperationRow,
  changes: readonly ChangeRow[],
  platform: PlatformFacts,
): Map<UserId, Problem> {
  const refused = new Map<UserId, Problem>();
  for (const then of usersOfThen(changes)) {
    const problem = forbidden(actor, original, then, platform);
    if (problem) refused.set(then.id, problem);
  }
  return refused;
}

/** An admin of the parent that the group had (rules A). @throws Refusal NotAuthorized */
async function mayHaveDeleted(
  { sql }: OperationContext,
  actor: Actor,
  original: OperationRow,
  platform: PlatformFacts,
): Promise<void> {
  const { group } = deleteGroupSchema.parse(original.input);
  const frame = await undoableFrame(sql, original.id);
  const gone = frame.find(({ kind, item }) => kind === 'group.delete' && item['group'] === group);
  const parent = textOf(gone?.before ?? null, 'parent');
  const problem = groupDeletionForbidden(actor, parent === '' ? group : parent, platform);
  if (problem) throw new Refusal(problem.type, problem.message);
}

/** In the groups of then: those of today, with what the update ended and without what it began. */
async function updatesForbidden(
  { sql, host }: OperationContext,
  actor: Actor,
  changes: readonly ChangeRow[],
  platform: PlatformFacts,
): Promise<Map<UserId, Problem>> {
  const ids = [...new Set(changes.map(({ user }) => user))];
  const users = await host.users(sql, ids);
  const ended = new Map(usersOfThen(changes).map((then) => [then.id, then.memberships]));
  return new Map(
    users.flatMap((user): [UserId, Problem][] => {
      const began = changes
        .filter((change) => change.user === user.id && change.kind === 'membership.add')
        .map(({ item }) => textOf(item, 'group'));
      const memberships = [
        ...user.memberships.filter(({ group, role }) => role !== 'learner' || !began.includes(group)),
        ...(ended.get(user.id) ?? []),
      ];
      const problem = updateForbidden(actor, { ...user, memberships }, platform);
      return problem ? [[user.id, problem]] : [];
    }),
  );
}

function forbidden(
  actor: Actor,
  original: OperationRow,
  { deleted, ...then }: UserOfThen,
  platform: PlatformFacts,
): Problem | null {
  const deletion = deleted ? deletionForbidden(actor, then, platform) : null;
  if (original.kind !== 'removeFromGroup') return deletion;
  const { group } = removeFromGroupSchema.parse(original.input);
  return (
    removalForbidden(actor, group, platform) ?? moreThanLearner(actor, group, then, platform) ?? deletion
  );
}

interface UserOfThen extends UserFact {
  deleted: boolean;
}

function usersOfThen(changes: readonly ChangeRow[]): UserOfThen[] {
  const users = new Map<UserId, UserOfThen>();
  for (const { kind, item, user } of changes) {
    const then = users.get(user) ?? { id: user, living: true, memberships: [], deleted: false };
    users.set(user, then);
    if (kind === 'account.retire') then.deleted = true;
    if (kind === 'membership.remove') {
      then.memberships.push({ user, group: textOf(item, 'group'), role: roleOf(item['role']), since: 0 });
    }
  }
  return [...users.values()];
}

/** Whatever is not known as a learner's role counts as more than that. */
function roleOf(role: unknown): MembershipFact['role'] {
  return role === 'learner' ? 'learner' : 'admin';
}
