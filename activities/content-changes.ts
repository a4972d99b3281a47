import type { OperationContext } from './planner.ts';
import type { ContentScope, LinkScope } from '../adapters/host-lms.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { ContentFacts } from '../contracts/facts.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';
import { byUser } from '../rules/by-user.ts';
import { holdersAtRisk, planContent } from '../rules/content.ts';
import type { Deassignment, Move } from '../rules/content.ts';
import type { LostLinks } from '../rules/links.ts';

/** What becomes of the registrations of users whose groups change, or whose groups lose content (rules C). */
async function contentChanges(
  { sql, host }: OperationContext,
  moves: readonly Move[],
  deassignment: Deassignment,
): Promise<PlannedChange[]> {
  if (!host.content || moves.length === 0) return [];
  const users = moves.map(({ user }) => user);
  const groups = [...new Set(moves.flatMap(({ before, after }) => [...before, ...after]))];
  const changing = [...new Set(moves.flatMap(changedGroups))];
  const facts = await host.content.facts(sql, users, { groups, changing, ...lostContent(deassignment.lost) });
  return planContent(facts, moves, deassignment);
}

/** What becomes of the registrations of users who stay in their groups, when these lose links: first who has anything to lose. */
export async function contentOfLostLinks(
  { sql, host }: OperationContext,
  users: readonly UserId[],
  deassignment: Deassignment,
): Promise<PlannedChange[]> {
  if (!host.content) return [];
  const lost = lostContent(deassignment.lost);
  const held = await host.content.facts(sql, users, { groups: [], changing: [], ...lost });
  const linking = await host.content.linkingGroups(
    sql,
    holdersAtRisk(held),
    linksConcerned(deassignment.lost, held),
  );
  const moves = [...byUser(linking)].map(([user, rows]) => {
    const groups = rows.map(({ group }) => group);
    return { user, before: groups, after: groups };
  });
  const groups = [...new Set(linking.map(({ group }) => group))];
  const { paths } = lost;
  const linked = await host.content.facts(sql, [], { groups, changing: [], paths, activities: [] });
  const { courseTree, registrations } = held;
  return planContent({ ...linked, courseTree, registrations }, moves, deassignment);
}

/** The groups that lose links, and what somebody has been linked to by those or may still be: other groups do not matter. */
function linksConcerned(
  { groupCourses, groupPaths, pathCourses }: LostLinks,
  { registrations }: ContentFacts,
): LinkScope {
  return {
    groups: [...new Set([...groupCourses, ...groupPaths].map(({ holder }) => holder))],
    activities: [
      ...new Set([
        ...registrations.map(({ activity }) => activity),
        ...pathCourses.map(({ holder }) => holder),
      ]),
    ],
  };
}

function lostContent({
  groupCourses,
  groupPaths,
  pathCourses,
}: LostLinks): Pick<ContentScope, 'paths' | 'activities'> {
  return {
    paths: groupPaths.map(({ activity }) => activity),
    activities: [...groupCourses, ...pathCourses].map(({ activity }) => activity),
  };
}

function changedGroups({ before, after, joined = [] }: Move): GroupId[] {
  const left = before.filter((group) => !after.includes(group));
  const entered = after.filter((group) => !before.includes(group));
  return [...left, ...entered, ...joined];
}

/** The same where users leave or join groups: on a host that does both together there is nothing to plan beside that. */
export async function contentWithMemberships(
  context: OperationContext,
  moves: readonly Move[],
  deassignment: Deassignment,
): Promise<PlannedChange[]> {
  return context.host.content?.followsMemberships ? [] : contentChanges(context, moves, deassignment);
}
