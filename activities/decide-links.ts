import { contentOfLostLinks } from './content-changes.ts';
import { readActor } from './planner.ts';
import type { Decisions, OperationContext, PlanContext } from './planner.ts';
import type { HostContent, LinkQuery } from '../adapters/host-lms.ts';
import type { PlannedChange } from '../contracts/changes.ts';
import type { LinkFact } from '../contracts/facts.ts';
import { Refusal } from '../contracts/failures.ts';
import {
  removeCoursesFromGroupSchema,
  removeCoursesFromPathSchema,
  removePathsFromGroupSchema,
} from '../contracts/operations.ts';
import type { Cascade, OperationKind } from '../contracts/operations.ts';
import { removedLinks } from '../ledger/changes.ts';
import type { OperationRow } from '../ledger/operations.ts';
import { contentForbidden } from '../rules/authorization.ts';
import { planEndings } from '../rules/endings.ts';
import { lostLinks, unlink } from '../rules/links.ts';

/** Taking content from a group or a path (C-09 to C-11): the links go, and with them what nothing else links to. */
export const linkRemoval: Decisions = {
  plan: changesFor,
  settledByPlan: true,
  frame,
  rest: changesFor,
  untouched: 'again',
};

export function isLinkRemoval(kind: OperationKind): boolean {
  return (
    kind === 'removeCoursesFromGroup' || kind === 'removePathsFromGroup' || kind === 'removeCoursesFromPath'
  );
}

/** What the input asks for, whichever of the three operations it is. */
interface Asked extends LinkQuery {
  rule: string;
  cascade: Cascade;
}

function askedBy({ kind, input }: OperationRow): Asked {
  if (kind === 'removeCoursesFromGroup') {
    const { group, courses, cascade } = removeCoursesFromGroupSchema.parse(input);
    return { type: 'groupCourse', holder: group, activities: courses, rule: 'C-09', cascade };
  }
  if (kind === 'removePathsFromGroup') {
    const { group, paths, cascade } = removePathsFromGroupSchema.parse(input);
    return { type: 'groupPath', holder: group, activities: paths, rule: 'C-10', cascade };
  }
  const { path, courses, cascade } = removeCoursesFromPathSchema.parse(input);
  return { type: 'pathCourse', holder: path, activities: courses, rule: 'C-11', cascade };
}

/**
 * @throws Refusal NotFound for the group, the path or what it is to lose; NotAuthorized (rules A); InvalidInput for what the host
 *   has not, or cannot do as it stands
 */
export async function admitLinkRemoval(context: OperationContext): Promise<void> {
  const asked = askedBy(context.operation);
  const content = requireContent(context);
  refuse(content.unsupported?.(asked) ?? null);
  await admitHolder(context, content, asked);
  refuse((await content.standsInTheWay?.(context.sql, asked)) ?? null);
}

function refuse(sentence: string | null): void {
  if (sentence !== null) throw new Refusal('InvalidInput', sentence);
}

async function admitHolder(context: OperationContext, content: HostContent, asked: Asked): Promise<void> {
  const { sql, host } = context;
  const path = asked.type === 'pathCourse' ? await content.findPath(sql, asked.holder) : null;
  const group = asked.type === 'pathCourse' ? null : await host.findGroup(sql, asked.holder);
  if (!path && !group) {
    const what = asked.type === 'pathCourse' ? 'path' : 'group';
    throw new Refusal('NotFound', `input.${what}: there is no such ${what}`);
  }
  const type = asked.type === 'groupPath' ? 'path' : 'course';
  const unknown = await content.unknown(sql, type, asked.activities);
  if (unknown.length > 0) throw new Refusal('NotFound', `input.${type}s: unknown: ${unknown.join(', ')}`);
  const managed = path ?? { id: asked.holder, ownerGroup: asked.holder, authors: [] };
  const problem = contentForbidden(await readActor(context), managed, await host.platform(sql));
  if (problem) throw new Refusal(problem.type, problem.message);
}

/** @throws Refusal InvalidInput on a host where nothing holds content */
function requireContent({ host }: OperationContext): HostContent {
  if (host.content) return host.content;
  throw new Refusal('InvalidInput', `the ${host.name} host has no content links of its own`);
}

/** The links themselves, which belong to no user. */
async function frame(context: OperationContext): Promise<PlannedChange[]> {
  const asked = askedBy(context.operation);
  const links = await requireContent(context).links(context.sql, asked);
  return links.map((link) => unlink(link, { rule: asked.rule, because: 'its removal was asked for' }));
}

async function changesFor(context: PlanContext): Promise<PlannedChange[]> {
  return registrationChanges(context, await linksLost(context));
}

/** Before they are taken away, the links that there are. After that those that were; one that somebody has made anew holds. */
async function linksLost({ sql, host, operation }: OperationContext): Promise<LinkFact[]> {
  const [there, removed] = await Promise.all([
    requireContent({ sql, host, operation }).links(sql, askedBy(operation)),
    removedLinks(sql, operation.id),
  ]);
  if (removed.length === 0) return there;
  const again = new Set(there.map(({ activity }) => activity));
  return removed.filter(({ activity }) => !again.has(activity));
}

async function registrationChanges(
  context: PlanContext,
  lost: readonly LinkFact[],
): Promise<PlannedChange[]> {
  const { sql, operation, users } = context;
  const { rule, cascade } = askedBy(operation);
  const { endings } = requireContent(context);
  if (endings) return planEndings(await endings(sql, users, lost), rule);
  return contentOfLostLinks(context, users, { rule, cascade, lost: lostLinks(lost) });
}
