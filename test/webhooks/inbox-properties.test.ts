import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { runs } from '../support/runs.ts';
import { world } from '../support/world-builder.ts';
import { openInbox } from './support/inbox-lab.ts';
import type { InboxLab } from './support/inbox-lab.ts';

let lab: Lab;
let inbox: InboxLab;
beforeAll(async () => {
  lab = await openLab();
  inbox = await openInbox(lab);
}, 120_000);
afterAll(async () => {
  await inbox.stop();
  await lab.close();
});

const people = ['ann', 'bob', 'cyd'];
const groups = ['g-one', 'g-two'];

/** Three people in two groups with a course each, and one course by a path, all of them registered. */
const given = world({
  members: people.flatMap((user) => ['g-base', ...groups].map((group) => [user, 'learner', group] as const)),
  courses: ['c-1', 'c-2', 'c-3'].map((id) => ({ id, mainAuthor: 'u-admin' })),
  paths: [{ id: 'p-1', mainAuthor: 'u-admin', courses: ['c-2', 'c-3'] }],
  groupCourses: [
    { group: 'g-one', course: 'c-1' },
    { group: 'g-two', course: 'c-2' },
  ],
  groupPaths: [{ group: 'g-one', path: 'p-1' }],
  registrations: people.flatMap((user) =>
    ['c-1', 'c-2', 'c-3', 'p-1'].map((activity) => ({ user, activity })),
  ),
});

const event = fc.oneof(
  fc.record({ type: fc.constant('user.deleted'), data: fc.record({ user: fc.constantFrom(...people) }) }),
  fc.record({
    type: fc.constant('group.member_removed'),
    data: fc.record({ group: fc.constantFrom(...groups), user: fc.constantFrom(...people) }),
  }),
  fc.constant({ type: 'group.course_removed', data: { group: 'g-one', course: 'c-1' } }),
  fc.constant({ type: 'group.path_removed', data: { group: 'g-one', path: 'p-1' } }),
  fc.constant({ type: 'path.course_removed', data: { path: 'p-1', course: 'c-3' } }),
  fc.constant({ type: 'registration.removed', data: { user: 'ann', activity: 'c-1' } }),
);

const telling = fc.uniqueArray(event, {
  minLength: 2,
  maxLength: 5,
  selector: (each) => JSON.stringify(each),
});

/** The events as a source that is careless about it tells them: in any order, some twice, some together. */
const careless = telling.chain((events) =>
  fc.record({
    events: fc.constant(events),
    order: fc.shuffledSubarray([...events, ...events], {
      minLength: events.length,
      maxLength: events.length * 2,
    }),
    together: fc.boolean(),
  }),
);

/** The world afterwards, without when. Of deleted people only that: what hung on them depends on what was taken before (C-15). */
function comparable(dumped: World): object {
  const gone = new Set(dumped.users.flatMap(({ id, status }) => (status === 'deleted' ? [id] : [])));
  return {
    gone: [...gone].sort(),
    memberships: dumped.memberships,
    links: [dumped.groupCourses, dumped.groupPaths, dumped.paths],
    registrations: dumped.registrations.filter(({ user }) => !gone.has(user)),
  };
}

async function afterwards(deliveries: readonly object[]): Promise<object> {
  await lab.load(given);
  const ids = await Promise.all(deliveries.map((delivery) => inbox.send(delivery)));
  for (const id of ids) {
    for (const { state, operation } of (await inbox.settled(id)).events) {
      expect([state, operation]).toEqual(['started', 'done']);
    }
  }
  return comparable(await lab.dump());
}

it('HTTP events that come late, twice, in another order or all at once end the same (C-15)', async () => {
  await fc.assert(
    fc.asyncProperty(careless, async ({ events, order, together }) => {
      await lab.load(given);
      for (const each of events) await inbox.settled(await inbox.send(each));
      const once = comparable(await lab.dump());
      // What the shuffle left out is told at last.
      const all = [...order, ...events.filter((each) => !order.includes(each))];
      const deliveries = together ? [{ type: 'batch', data: all }] : all;
      expect(await afterwards(deliveries)).toEqual(once);
    }),
    { numRuns: runs(8) },
  );
});
