import type { OperationContext } from './planner.ts';
import type { PlannedChange } from '../contracts/changes.ts';
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
  const { pathCourses, groupPaths } = deassignment.lost;
  const paths = [...pathCourses.map(({ holder }) => holder), ...groupPaths.map(({ activity }) => activity)];
  return planContent(await host.content.facts(sql, users, { groups, paths }), moves, deassignment);
}

/** The same where users leave or join groups: on a host that does both together there is nothing to plan beside that. */
export async function contentWithMemberships(
  context: OperationContext,
  moves: readonly Move[],
  deassignment: Deassignment,
): Promise<PlannedChange[]> {
  return context.host.content?.followsMemberships ? [] : contentChanges(context, moves, deassignment);
}
