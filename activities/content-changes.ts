import type { OperationContext } from './planner.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { GroupId } from '../contracts/ids.ts';
import { planContent } from '../rules/content.ts';
import type { Deassignment, Move } from '../rules/content.ts';

/** What becomes of the registrations of users whose groups change, or whose groups lose content (rules C). */
export async function contentChanges(
  { sql, host }: OperationContext,
  moves: readonly Move[],
  deassignment: Deassignment,
): Promise<PlannedChange[]> {
  if (!host.content || moves.length === 0) return [];
  const users = moves.map(({ user }) => user);
  const groups = [...new Set(moves.flatMap(({ before, after }) => [...before, ...after]))];
  const changing = [...new Set(moves.flatMap(changedGroups))];
  const { groupCourses, groupPaths, pathCourses } = deassignment.lost;
  const paths = groupPaths.map(({ activity }) => activity);
  const activities = [...groupCourses, ...pathCourses].map(({ activity }) => activity);
  const facts = await host.content.facts(sql, users, { groups, changing, paths, activities });
  return planContent(facts, moves, deassignment);
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
