import type fc from 'fast-check';
import type { World } from '../../contracts/world.ts';
import { buildClassroom } from './arbitrary/build-classroom.ts';
import { buildContent } from './arbitrary/build-content.ts';
import { buildPeople } from './arbitrary/build-people.ts';
import { buildRecords } from './arbitrary/build-records.ts';
import { blueprint } from './arbitrary/blueprint.ts';

/**
 * Small valid worlds that look for trouble in successions and group removals: random trees of public and private
 * groups, shared admins of equal age, co-lists that overlap and hold the deleted, users in no group, past and
 * upcoming slots, deleted users whose email somebody else has. `u-0` owns the platform; `g-0` is its group.
 */
export function arbitraryWorld(): fc.Arbitrary<World> {
  return blueprint().map((plan) => {
    const people = buildPeople(plan);
    const content = buildContent(plan, people);
    const classroom = buildClassroom(plan, people, content);
    const records = buildRecords(plan, people, content);
    return { ...people, ...content, ...classroom, ...records };
  });
}
