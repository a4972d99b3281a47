/**
 * Who is linked to what (rules C): to a course by a group that holds it, or that holds a path with the course; to a path
 * by a group that holds it. Any role in the group links.
 */
import type { PlannedChange, Reason } from '../contracts/changes.ts';
import type { ContentFacts, HoldingFact, LinkFact } from '../contracts/facts.ts';
import type { GroupId } from '../contracts/ids.ts';

/** What groups and paths hold, and what hangs below a course. */
export interface Content {
  groupCourses: ReadonlyMap<GroupId, readonly string[]>;
  groupPaths: ReadonlyMap<GroupId, readonly string[]>;
  pathCourses: ReadonlyMap<string, readonly string[]>;
}

/** Links that an operation takes away for everybody. */
export interface LostLinks {
  groupCourses: readonly HoldingFact[];
  groupPaths: readonly HoldingFact[];
  pathCourses: readonly HoldingFact[];
}

/** Links by what holds them. */
export function lostLinks(links: readonly LinkFact[]): LostLinks {
  const ofType = (type: LinkFact['type']): LinkFact[] => links.filter((link) => link.type === type);
  return {
    groupCourses: ofType('groupCourse'),
    groupPaths: ofType('groupPath'),
    pathCourses: ofType('pathCourse'),
  };
}

export const noLinks: LostLinks = { groupCourses: [], groupPaths: [], pathCourses: [] };

/** The content of the groups, without what is taken away. */
export function contentOf(facts: Omit<ContentFacts, 'registrations'>, without: LostLinks = noLinks): Content {
  return {
    groupCourses: holdings(facts.groupCourses, without.groupCourses),
    groupPaths: holdings(facts.groupPaths, without.groupPaths),
    pathCourses: holdings(facts.pathCourses, without.pathCourses),
  };
}

/** What each holder holds. */
export function holdings(
  held: readonly HoldingFact[],
  without: readonly HoldingFact[] = [],
): Map<string, string[]> {
  const seen = new Set(without.map(keyOf));
  const map = new Map<string, string[]>();
  for (const fact of held) {
    if (seen.has(keyOf(fact))) continue;
    seen.add(keyOf(fact));
    const known = map.get(fact.holder);
    if (known) known.push(fact.activity);
    else map.set(fact.holder, [fact.activity]);
  }
  return map;
}

function keyOf({ holder, activity }: HoldingFact): string {
  return JSON.stringify([holder, activity]);
}

/** The courses and paths that somebody in these groups is linked to. */
export function linkedActivities(content: Content, groups: Iterable<GroupId>): Set<string> {
  const linked = new Set<string>();
  for (const group of groups) {
    for (const course of content.groupCourses.get(group) ?? []) linked.add(course);
    for (const path of content.groupPaths.get(group) ?? []) {
      linked.add(path);
      for (const course of content.pathCourses.get(path) ?? []) linked.add(course);
    }
  }
  return linked;
}

/** The links between these groups and an activity, in words and by ids: for telling why. */
export function linksTo(content: Content, groups: Iterable<GroupId>, activity: string): string[] {
  return [...groups].flatMap((group) => [
    ...(content.groupCourses.get(group)?.includes(activity) ? [`group ${group}`] : []),
    ...(content.groupPaths.get(group) ?? []).flatMap((path) => {
      if (path === activity) return [`group ${group}`];
      return content.pathCourses.get(path)?.includes(activity) ? [`path ${path} of group ${group}`] : [];
    }),
  ]);
}

/** Everything that hangs below these courses, at every depth, the courses themselves left out unless below another one. */
export function below(tree: ReadonlyMap<string, readonly string[]>, courses: Iterable<string>): Set<string> {
  const found = new Set<string>();
  const open = [...courses];
  for (let course = open.pop(); course !== undefined; course = open.pop()) {
    for (const child of tree.get(course) ?? []) {
      if (found.has(child)) continue;
      found.add(child);
      open.push(child);
    }
  }
  return found;
}

/** The end of a link, which belongs to no user. */
export function unlink({ type, holder, activity, position }: LinkFact, reason: Reason): PlannedChange {
  return {
    step: 'removeLinks',
    kind: 'link.remove',
    user: '',
    item: { type, holder, activity },
    before: { position },
    after: null,
    reason,
  };
}
