/**
 * Who takes over what a deleted user owns (D-05 to D-10, D-13).
 *
 * - Course main author (D-05 to D-08): the first co-author by position, who leaves the co-author list; else an admin of
 *   the owner group, the oldest admin membership first, then the lowest id; else an admin of its parent group, one
 *   level up and not further; else the platform owner.
 * - Path main author (D-09): the same chain.
 * - Session main instructor (D-10): the first co-instructor, who leaves that list; else the path's main author as
 *   that stands after D-09.
 * - Nobody who is deleted, or is being deleted in the same operation, is chosen: the next in the chain is (D-13).
 *
 * Every choice carries the rungs that failed before it.
 */
import type { FailedRung, PlannedChange, Reason } from '../contracts/changes.ts';
import type { CoHolderFact, DeletionFacts, GroupAdminFact, OwnedItemFact } from '../contracts/facts.ts';
import { compareIds } from '../contracts/ids.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';
import { groupTree } from './group-reach.ts';
import type { GroupTree } from './group-reach.ts';

interface Successor {
  user: UserId;
  /** The successor's place in the co-list when promoted from it. */
  position: number | null;
  reason: Reason;
}

interface Chain {
  facts: DeletionFacts;
  tree: GroupTree;
  admins: ReadonlyMap<GroupId, GroupAdminFact[]>;
  paths: ReadonlyMap<string, OwnedItemFact>;
  leaving: ReadonlySet<UserId>;
}

/**
 * The transfers of everything that the users in `deleted` hold as main author or instructor.
 *
 * @param leaving all users that the operation deletes, in any chunk of it (D-13)
 */
export function planTransfers(
  facts: DeletionFacts,
  deleted: ReadonlySet<UserId>,
  leaving: ReadonlySet<UserId>,
): PlannedChange[] {
  const chain: Chain = {
    facts,
    tree: groupTree(facts.groups),
    admins: adminsInOrder(facts.groupAdmins),
    paths: new Map(facts.owned.filter((item) => item.type === 'path').map((path) => [path.id, path])),
    leaving,
  };
  return facts.owned
    .filter((item) => deleted.has(item.main.user))
    .map((item) =>
      transfer(item, item.type === 'session' ? nextInstructor(chain, item) : nextAuthor(chain, item)),
    );
}

function transfer(item: OwnedItemFact, successor: Successor): PlannedChange {
  return {
    step: 'transferOwnership',
    kind: 'ownership.transfer',
    user: item.main.user,
    item: { type: item.type, id: item.id },
    before: { main: item.main.user, position: successor.position },
    after: { main: successor.user, position: null },
    reason: successor.reason,
  };
}

function nextAuthor(chain: Chain, item: OwnedItemFact): Successor {
  const failed: FailedRung[] = [];
  const promoted = firstCoHolder(chain, item);
  if (promoted) {
    return {
      user: promoted.user,
      position: promoted.position,
      reason: chosen(item, 'D-05', 'first co-author', failed),
    };
  }
  failed.push({ rule: 'D-05', because: whyNone(inOrder(item), 'co-author') });

  const owner = item.ownerGroup;
  const parent = owner === null ? null : (chain.tree.get(owner)?.parent ?? null);
  const rungs = [
    { rule: 'D-06', group: owner, what: 'owner group' },
    { rule: 'D-07', group: parent, what: 'parent of the owner group' },
  ];
  for (const { rule, group, what } of rungs) {
    const admins = group === null ? [] : (chain.admins.get(group) ?? []);
    const admin = admins.find((candidate) => mayFollow(chain, candidate));
    if (admin && group !== null) {
      const because = `oldest admin of ${group}, the ${what}`;
      return { user: admin.user, position: null, reason: chosen(item, rule, because, failed) };
    }
    failed.push({
      rule,
      because: group === null ? `there is no ${what}` : `${what} ${group}: ${whyNone(admins, 'admin')}`,
    });
  }
  const last = chosen(item, 'D-08', 'platform owner, as the last resort', failed);
  return { user: chain.facts.platform.owner, position: null, reason: last };
}

function nextInstructor(chain: Chain, session: OwnedItemFact): Successor {
  const promoted = firstCoHolder(chain, session);
  if (promoted) {
    const reason = chosen(session, 'D-10', 'first co-instructor', []);
    return { user: promoted.user, position: promoted.position, reason };
  }
  const failed: FailedRung[] = [{ rule: 'D-10', because: whyNone(inOrder(session), 'co-instructor') }];
  const path = session.path === null ? undefined : chain.paths.get(session.path);
  if (!path) throw new Error(`the facts are incomplete: the path of session ${session.id} is missing`);
  if (mayFollow(chain, path.main)) {
    const reason = chosen(session, 'D-10', `main author of path ${path.id}`, failed);
    return { user: path.main.user, position: null, reason };
  }
  const author = nextAuthor(chain, path);
  failed.push(...(author.reason.failed ?? []));
  const because = `main author of path ${path.id} after ${author.reason.rule} (${author.reason.because})`;
  return { user: author.user, position: null, reason: chosen(session, 'D-10', because, failed) };
}

/** On a path the rungs of D-05 to D-08 are D-09's. */
function chosen(item: OwnedItemFact, rule: string, because: string, failed: FailedRung[]): Reason {
  const asPath = item.type === 'path';
  return {
    rule: asPath ? 'D-09' : rule,
    because: asPath ? `${because} (as ${rule})` : because,
    ...(failed.length > 0 ? { failed: [...failed] } : {}),
  };
}

function firstCoHolder(chain: Chain, item: OwnedItemFact): CoHolderFact | undefined {
  return inOrder(item).find((candidate) => candidate.user !== item.main.user && mayFollow(chain, candidate));
}

function inOrder({ coHolders }: OwnedItemFact): CoHolderFact[] {
  return [...coHolders].sort((a, b) => a.position - b.position || compareIds(a.user, b.user));
}

function mayFollow(chain: Chain, candidate: { user: UserId; living: boolean }): boolean {
  return candidate.living && !chain.leaving.has(candidate.user);
}

function whyNone(candidates: readonly { user: UserId }[], what: string): string {
  if (candidates.length === 0) return `no ${what}`;
  const names = candidates.slice(0, 5).map((candidate) => candidate.user);
  const more = candidates.length > names.length ? ` and ${candidates.length - names.length} more` : '';
  return `every ${what} is deleted or being deleted (D-13): ${names.join(', ')}${more}`;
}

/** Oldest admin membership first, then the lowest id (reading of D-06). */
function adminsInOrder(admins: readonly GroupAdminFact[]): Map<GroupId, GroupAdminFact[]> {
  const byGroup = new Map<GroupId, GroupAdminFact[]>();
  for (const admin of admins) {
    const known = byGroup.get(admin.group);
    if (known) known.push(admin);
    else byGroup.set(admin.group, [admin]);
  }
  for (const list of byGroup.values()) list.sort((a, b) => a.since - b.since || compareIds(a.user, b.user));
  return byGroup;
}
