import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '../../contracts/world.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, past, the, upcoming, world } from '../support/world-builder.ts';
import type { Given, Member, Session } from '../support/world-builder.ts';
import { pause, untilState } from './steps.ts';
import type { Input, Outcome } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

const fromSales = { group: 'g-sales', users: ['ada'], requestedBy: admin };
const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

/** Ada, who is in `g-other` whatever happens, and Zoe, whom nobody removes, in a session with slots. */
function classroom(members: Member[], session: Partial<Session>, more: Given = {}): World {
  const slot = { session: 's-1', attendees: ['ada', 'zoe'] };
  return world({
    groups: [
      { id: 'g-east', parent: 'g-sales' },
      { id: 'g-closed', parent: 'g-sales', visibility: 'private' },
    ],
    paths: [{ id: 'p-1', mainAuthor: 'bob' }],
    sessions: [
      {
        id: 's-1',
        path: 'p-1',
        audience: 'dynamic',
        mainInstructor: 'bob',
        participants: ['ada', 'zoe'],
        ...session,
      },
    ],
    slots: [
      { id: 't-past', ...slot, ...past },
      { id: 't-running', ...slot, startsAt: inHours(-1), endsAt: inHours(1) },
      { id: 't-soon', ...slot, startsAt: inHours(1), endsAt: inHours(2) },
      { id: 't-far', ...slot, ...upcoming, capacity: 2 },
      { id: 't-not-hers', ...slot, attendees: ['zoe'] },
    ],
    ...more,
    members: [
      ['ada', 'learner', 'g-other'],
      ...members,
      ...(session.audienceGroups ?? []).map((group): Member => ['zoe', 'learner', group]),
    ],
  });
}

async function outcomeOf(given: World, input: Input = {}): Promise<Outcome> {
  await lab.load(given);
  const before = await lab.dump();
  const result = await lab.run('removeFromGroup', { ...fromSales, ...input });
  return { before, after: await lab.dump(), result };
}

/** Ada's roles in these groups end, as `learner g-sales`, and in the whole dump nothing else but the edit. */
async function expectRemoval(
  given: World,
  gone: string[],
  edit: (then: World) => void,
  input: Input = {},
): Promise<Outcome> {
  const outcome = await outcomeOf(given, input);
  const then = structuredClone(outcome.before);
  then.memberships = then.memberships.filter(
    ({ user, role, group }) => user !== 'ada' || !gone.includes(`${role} ${group}`),
  );
  edit(then);
  expect(outcome.after).toEqual(then);
  expect(outcome.result).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
  expect(outcome.result.users).toEqual({ done: 1, unchanged: 0, attention: 0 });
  expect(outcome.result.counts['membership.remove']).toBe(gone.length);
  return outcome;
}

function leftSession(then: World): void {
  the(then.pathSessions, 's-1').participants = ['zoe'];
  for (const id of ['t-soon', 't-far']) the(then.slots, id).attendees = ['zoe'];
}

/** Beside the memberships nothing changes at all. */
async function expectStays(given: World, gone: string[], input: Input = {}): Promise<void> {
  const { result } = await expectRemoval(given, gone, () => undefined, input);
  expect(result.counts).toEqual({ 'membership.remove': gone.length });
}

describe('dynamic sessions', () => {
  const inSales: Member = ['ada', 'learner', 'g-sales'];
  const ofSales = { audienceGroups: ['g-sales'] };

  it('G-08 leaves the session and its upcoming slots, but none that has begun', async () => {
    const { result } = await expectRemoval(classroom([inSales], ofSales), ['learner g-sales'], leftSession);
    expect(result.counts).toEqual({ 'membership.remove': 1, 'session.leave': 1, 'slot.leave': 2 });
  });

  it('G-08 whatever the role was that held the place', async () => {
    const given = classroom([['ada', 'coach', 'g-sales']], ofSales);
    await expectRemoval(given, ['coach g-sales'], leftSession);
  });

  it.each(['learner', 'coach', 'author', 'user-admin', 'admin'] as const)(
    'G-08 stays when another audience group holds the user as %s',
    async (role) => {
      const given = classroom([inSales, ['ada', role, 'g-west']], { audienceGroups: ['g-sales', 'g-west'] });
      await expectStays(given, ['learner g-sales']);
    },
  );

  it('G-08 leaves when the other audience group does not hold the user', async () => {
    const given = classroom([inSales], { audienceGroups: ['g-sales', 'g-west'] });
    await expectRemoval(given, ['learner g-sales'], leftSession);
  });

  it('G-08 leaves when the same removal ends the other audience group as well', async () => {
    const given = classroom([inSales, ['ada', 'learner', 'g-east']], {
      audienceGroups: ['g-sales', 'g-east'],
    });
    await expectRemoval(given, ['learner g-sales', 'learner g-east'], leftSession);
  });

  it('G-08 stays when a subgroup of the audience keeps the user in another role', async () => {
    const given = classroom([inSales, ['ada', 'learner', 'g-east'], ['ada', 'coach', 'g-east']], {
      audienceGroups: ['g-sales', 'g-east'],
    });
    await expectStays(given, ['learner g-sales', 'learner g-east']);
  });

  it('G-08 leaves when the audience is a reached subgroup, also for a user who is only there', async () => {
    const given = classroom([['ada', 'learner', 'g-east']], { audienceGroups: ['g-east'] });
    await expectRemoval(given, ['learner g-east'], leftSession);
  });

  it('G-08 stays when only the learner role of that subgroup ends and the coach role holds the place', async () => {
    const given = classroom(
      [
        ['ada', 'learner', 'g-east'],
        ['ada', 'coach', 'g-east'],
      ],
      { audienceGroups: ['g-east'] },
    );
    await expectStays(given, ['learner g-east']);
  });

  it('G-08 does not take a role in a subgroup for one in the audience group above it', async () => {
    const given = classroom([inSales, ['ada', 'coach', 'g-east']], ofSales);
    await expectRemoval(given, ['learner g-sales'], leftSession);
  });

  it('G-08 stays when the audience is the parent of the named group', async () => {
    const given = classroom([inSales, ['ada', 'learner', 'g-east']], ofSales);
    await expectStays(given, ['learner g-east'], { group: 'g-east' });
  });

  it('G-08 follows the private subgroups: stays without them, leaves with them', async () => {
    const given = classroom([inSales, ['ada', 'learner', 'g-closed']], {
      audienceGroups: ['g-sales', 'g-closed'],
    });
    await expectStays(given, ['learner g-sales']);
    const both = ['learner g-sales', 'learner g-closed'];
    await expectRemoval(given, both, leftSession, { includePrivateSubgroups: true });
  });

  it('G-08 judges each session for itself, and leaves other participants alone', async () => {
    const session = { path: 'p-1', audience: 'dynamic' as const, mainInstructor: 'bob' };
    const members: Member[] = [
      inSales,
      ['ada', 'coach', 'g-west'],
      ['zoe', 'learner', 'g-sales'],
      ['zoe', 'learner', 'g-west'],
    ];
    const sessions = [
      { ...session, id: 's-1', audienceGroups: ['g-sales'], participants: ['ada', 'zoe'] },
      { ...session, id: 's-both', audienceGroups: ['g-sales', 'g-west'], participants: ['ada', 'zoe'] },
      { ...session, id: 's-west', audienceGroups: ['g-west'], participants: ['ada'] },
      { ...session, id: 's-not-in', audienceGroups: ['g-sales'], participants: ['zoe'] },
      { ...session, id: 's-alone', audienceGroups: ['g-sales'], participants: ['ada'] },
    ];
    const given = classroom(members, {}, { sessions });
    const { result } = await expectRemoval(given, ['learner g-sales'], (then) => {
      leftSession(then);
      the(then.pathSessions, 's-alone').participants = [];
    });
    expect(result.counts).toEqual({ 'membership.remove': 1, 'session.leave': 2, 'slot.leave': 2 });
  });

  it('G-08 ends a place among the participants, not among the instructors', async () => {
    const given = classroom([inSales], { ...ofSales, coInstructors: ['ada', 'cem'] });
    await expectRemoval(given, ['learner g-sales'], leftSession);
    const leads = classroom([inSales], { ...ofSales, mainInstructor: 'ada', participants: ['zoe'] });
    leads.slots = [];
    await expectStays(leads, ['learner g-sales']);
  });

  it('G-08 the upcoming slots of a session that the user keeps are not touched', async () => {
    const given = classroom([inSales, ['ada', 'learner', 'g-west']], { audienceGroups: ['g-west'] });
    await expectStays(given, ['learner g-sales']);
  });

  it('G-08 a slot that began while approval was waited for is not left', async () => {
    const given = classroom([inSales], ofSales);
    const startsAt = new Date(Date.now() + 5_000).toISOString();
    the(given.slots, 't-soon').startsAt = startsAt;
    await lab.load(given);
    const running = await lab.start('removeFromGroup', { ...fromSales, approval: 'required' });
    const { planHash } = await untilState(running, 'waiting-for-approval');
    await pause(Date.parse(startsAt) + 300 - Date.now());
    await running.update('approve', { by: admin, planHash });
    const result = await running.result();
    const after = await lab.dump();
    expect(the(after.slots, 't-soon').attendees).toEqual(['ada', 'zoe']);
    expect(the(after.slots, 't-far').attendees).toEqual(['zoe']);
    expect(the(after.pathSessions, 's-1').participants).toEqual(['zoe']);
    expect(result.counts['slot.leave']).toBe(1);
  }, 30_000);

  it('X-01 a preview counts the same, and changes nothing', async () => {
    const { before, after, result } = await outcomeOf(classroom([inSales], ofSales), { mode: 'preview' });
    expect(after).toEqual(before);
    expect(result.counts).toEqual({ 'membership.remove': 1, 'session.leave': 1, 'slot.leave': 2 });
  });

  it('X-08 undone the place and the slots are there again, to the byte', async () => {
    const { before, result } = await outcomeOf(classroom([inSales], ofSales));
    const undone = await undo(lab, result.operation);
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
    expect(undone.counts).toEqual({ 'membership.add': 1, 'session.join': 1, 'slot.join': 2 });
    expect(undone.attention).toEqual([]);
  });
});

describe('static sessions', () => {
  it('G-09 the user stays, with all slots', async () => {
    const given = classroom([['ada', 'learner', 'g-sales']], {
      audience: 'static',
      audienceGroups: ['g-sales'],
    });
    await expectStays(given, ['learner g-sales']);
  });

  it('G-09 also when the removal ends every audience group, in subgroups too', async () => {
    const given = classroom(
      [
        ['ada', 'learner', 'g-sales'],
        ['ada', 'learner', 'g-east'],
        ['ada', 'learner', 'g-closed'],
      ],
      { audience: 'static', audienceGroups: ['g-sales', 'g-east', 'g-closed'] },
    );
    const gone = ['learner g-sales', 'learner g-east', 'learner g-closed'];
    await expectStays(given, gone, { includePrivateSubgroups: true });
  });

  it('G-09 also when the user is removed from the platform group, and lives on elsewhere', async () => {
    const given = classroom(
      [
        ['ada', 'coach', 'g-sales'],
        ['ada', 'learner', 'g-closed'],
      ],
      { audience: 'static', audienceGroups: ['g-sales'] },
    );
    await expectStays(given, ['coach g-sales', 'learner g-other'], { group: 'g-root' });
  });
});
