import { findCycles } from './find-cycles.ts';
import type { Check, Inspection } from './inspection.ts';

/** Refuses cycles, and any root but the platform's. */
export const checkTrees: Check = (inspection) => {
  checkRoot(inspection);
  checkGroupCycles(inspection);
  checkCourseCycles(inspection);
};

function checkRoot({ world, report }: Inspection): void {
  const { rootGroup } = world.platform;
  const roots = world.groups.flatMap(({ id, parent }, i) => (parent === null ? [{ id, i }] : []));
  const root = roots.find(({ id }) => id !== undefined && id === rootGroup) ?? roots[0];
  for (const { i } of roots) {
    if (i !== root?.i)
      report(['groups', i, 'parent'], `a second root: $.groups[${root?.i}] has no parent either`);
  }
  if (world.groups.some(({ id, parent }) => id !== undefined && id === rootGroup && parent != null)) {
    report(['platform', 'rootGroup'], `'${rootGroup}' is not the root of the groups`);
  }
}

function checkGroupCycles({ world, report }: Inspection): void {
  const groups = world.groups.map(({ id, parent }) => ({ id, above: [parent] }));
  for (const { node, chain } of findCycles(groups))
    report(['groups', node, 'parent'], `closes a cycle: ${chain}`);
}

/** A course hangs below others by two members, and these can close a cycle together. */
function checkCourseCycles({ world, report }: Inspection): void {
  const members = ['parentCourse', 'translationOf'] as const;
  const courses = world.courses.map((course) => ({
    id: course.id,
    above: members.map((member) => course[member]),
  }));
  for (const { node, edge, chain } of findCycles(courses)) {
    report(['courses', node, members[edge] ?? ''], `closes a cycle: ${chain}`);
  }
}
