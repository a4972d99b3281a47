import type { World } from '../../contracts/world.ts';
import { worldWithoutAll } from './naive-batch.ts';
import { contentAfter } from './naive-content.ts';
import type { ContentOptions } from './naive-content.ts';

/** What becomes of the subgroups, and of users who are left without any group (G-11). */
export interface GroupDeletion extends Partial<ContentOptions> {
  group: string;
  subgroups: 'delete' | 'moveToParent';
  orphans: 'delete' | 'moveToParent';
}

/** The groups that go: the named one, and all below it when subgroups are deleted. */
export function groupsThatGo({ groups }: World, { group, subgroups }: GroupDeletion): string[] {
  const gone = [group];
  if (subgroups === 'moveToParent') return gone;
  for (const above of gone) gone.push(...groups.filter(({ parent }) => parent === above).map(({ id }) => id));
  return gone;
}

/** Members of the groups that go. */
export function membersThatLeave({ memberships }: World, gone: readonly string[]): string[] {
  return [...new Set(memberships.filter(({ group }) => gone.includes(group)).map(({ user }) => user))];
}

/** Those of them who are in no other group. */
export function orphansOf(before: World, gone: readonly string[]): string[] {
  return membersThatLeave(before, gone).filter(
    (id) => !before.memberships.some(({ user, group }) => user === id && !gone.includes(group)),
  );
}

/**
 * What the rules say that the deletion of a group leaves behind, written down in the simplest way there is, for a
 * requester who may do everything. `deletedAt` is left for the caller to fill in, new memberships begin at `since`.
 */
export function worldAfterGroupDeletion(
  before: World,
  deletion: GroupDeletion,
  by: string,
  now: Date,
  since: string,
): World {
  const gone = groupsThatGo(before, deletion);
  const leaving = membersThatLeave(before, gone);
  const orphans = orphansOf(before, gone);
  const parent = before.groups.find(({ id }) => id === deletion.group)?.parent ?? '';

  let after = withoutGroups(before, gone, parent);
  if (deletion.orphans === 'delete') after = worldWithoutAll(after, orphans, by, now);
  else moveTo(after, orphans, parent, since);
  leaveSessions(after, leaving, now);
  return contentAfter(before, after, { cascade: deletion.cascade ?? 'always' });
}

/** The groups, their memberships and links go, what they owned passes to the parent, and what stays below them too. */
function withoutGroups(before: World, gone: readonly string[], parent: string): World {
  const after = structuredClone(before);
  const stays = ({ group }: { group: string }): boolean => !gone.includes(group);
  after.groups = after.groups.filter(({ id }) => !gone.includes(id));
  for (const group of after.groups) if (gone.includes(group.parent ?? '')) group.parent = parent;
  after.memberships = after.memberships.filter(stays);
  after.groupCourses = after.groupCourses.filter(stays);
  after.groupPaths = after.groupPaths.filter(stays);
  for (const item of [...after.courses, ...after.paths]) {
    if (gone.includes(item.ownerGroup)) item.ownerGroup = parent;
  }
  for (const session of after.pathSessions) {
    session.audienceGroups = session.audienceGroups.filter((group) => !gone.includes(group));
  }
  return after;
}

/** The learner role in the parent, and a place in the dynamic sessions of its audience (G-08). */
function moveTo(after: World, orphans: readonly string[], parent: string, since: string): void {
  for (const user of orphans) {
    after.memberships.push({ group: parent, user, role: 'learner', since });
    for (const session of after.pathSessions) {
      if (session.audience === 'static' || !session.audienceGroups.includes(parent)) continue;
      if (!session.participants.includes(user)) session.participants.push(user);
    }
  }
}

/** G-08, for everybody who left a group. */
function leaveSessions(after: World, leaving: readonly string[], now: Date): void {
  for (const session of after.pathSessions) {
    const stays = (id: string): boolean =>
      session.audience === 'static' ||
      !leaving.includes(id) ||
      after.memberships.some(({ user, group }) => user === id && session.audienceGroups.includes(group));
    session.participants = session.participants.filter(stays);
    for (const slot of after.slots) {
      if (slot.session === session.id && Date.parse(slot.startsAt) > now.getTime())
        slot.attendees = slot.attendees.filter(stays);
    }
  }
}
