import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { past, the, upcoming, world } from '../support/world-builder.ts';
import { expectDeletion, pause, startWaiting } from './steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

describe('classroom slots', () => {
  const session = { id: 's-1', path: 'p-1', mainInstructor: 'bob', participants: ['ada', 'zoe'] };
  const path = { id: 'p-1', mainAuthor: 'bob' };
  const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString();

  it('D-03 leaves every upcoming slot and no other', async () => {
    const slot = { session: 's-1', attendees: ['ada', 'zoe'] };
    const given = world({
      paths: [path],
      sessions: [session],
      slots: [
        { id: 't-past', ...slot, ...past },
        { id: 't-running', ...slot, startsAt: inHours(-1), endsAt: inHours(1) },
        { id: 't-soon', ...slot, startsAt: inHours(1), endsAt: inHours(2) },
        { id: 't-far', ...slot, ...upcoming, capacity: 2 },
        { id: 't-not-hers', ...slot, ...upcoming, attendees: ['zoe'] },
      ],
    });
    const { result } = await expectDeletion(lab, given, (then) => {
      for (const id of ['t-soon', 't-far']) the(then.slots, id).attendees = ['zoe'];
    });
    expect(result.counts['slot.leave']).toBe(2);
  });

  it('D-03 compares instants, whatever the offset that they are written with', async () => {
    const zoned = (hours: number, offset: string, shift: number): string =>
      new Date(Date.now() + (hours + shift) * 3_600_000).toISOString().replace('Z', offset);
    const given = world({
      paths: [path],
      sessions: [session],
      slots: [
        // Its wall clock is ahead of ours, yet it began an hour ago; and the other way round.
        {
          id: 't-began',
          session: 's-1',
          attendees: ['ada'],
          startsAt: zoned(-1, '+13:00', 13),
          endsAt: zoned(1, '+13:00', 13),
        },
        {
          id: 't-next',
          session: 's-1',
          attendees: ['ada'],
          startsAt: zoned(1, '-11:00', -11),
          endsAt: zoned(2, '-11:00', -11),
        },
      ],
    });
    await expectDeletion(lab, given, (then) => {
      the(then.slots, 't-next').attendees = [];
    });
  });

  it('D-03 goes by the moment of applying: a slot that began while approval was waited for stays', async () => {
    const given = world({
      paths: [path],
      sessions: [session],
      slots: [
        { id: 't-next', session: 's-1', attendees: ['ada'], ...upcoming },
        {
          id: 't-begins',
          session: 's-1',
          attendees: ['ada'],
          startsAt: new Date(Date.now() + 5_000).toISOString(),
          endsAt: inHours(1),
        },
      ],
    });
    await lab.load(given);
    const running = await startWaiting(lab);
    const start = Date.parse(the(given.slots, 't-begins').startsAt);
    await pause(start + 300 - Date.now());
    await running.update('approve', { by: 'u-admin', planHash: running.planHash });
    const result = await running.result();
    const after = await lab.dump();
    expect(the(after.slots, 't-begins').attendees).toEqual(['ada']);
    expect(the(after.slots, 't-next').attendees).toEqual([]);
    expect(the(after.users, 'ada').status).toBe('deleted');
    expect(result.counts['slot.leave']).toBe(1);
  }, 30_000);

  it('D-22 keeps the place in a static session, and ends its upcoming slots', async () => {
    const given = world({
      members: [['ada', 'learner', 'g-sales']],
      paths: [path],
      sessions: [{ ...session, audience: 'static', audienceGroups: ['g-sales'] }],
      slots: [
        { id: 't-past', session: 's-1', attendees: ['ada'], ...past },
        { id: 't-next', session: 's-1', attendees: ['ada', 'zoe'] },
      ],
    });
    const { after } = await expectDeletion(lab, given, (then) => {
      the(then.slots, 't-next').attendees = ['zoe'];
    });
    expect(the(after.pathSessions, 's-1').participants).toEqual(['ada', 'zoe']);
  });

  it('G-08 leaves the dynamic sessions, their upcoming slots, but not the past ones', async () => {
    const dynamic = { ...session, audience: 'dynamic' as const };
    const given = world({
      members: [
        ['ada', 'learner', 'g-sales'],
        ['ada', 'coach', 'g-east'],
        ['zoe', 'learner', 'g-sales'],
      ],
      paths: [path],
      sessions: [
        { ...dynamic, audienceGroups: ['g-sales'] },
        { ...dynamic, id: 's-both', audienceGroups: ['g-sales', 'g-east'], participants: ['ada'] },
        { ...dynamic, id: 's-role', audienceGroups: ['g-east', 'g-west'], participants: ['ada'] },
        { ...dynamic, id: 's-not-in', audienceGroups: ['g-sales'], participants: ['zoe'] },
      ],
      slots: [
        { id: 't-past', session: 's-1', attendees: ['ada', 'zoe'], ...past },
        { id: 't-next', session: 's-1', attendees: ['ada', 'zoe'] },
      ],
    });
    const { result } = await expectDeletion(lab, given, (then) => {
      the(then.pathSessions, 's-1').participants = ['zoe'];
      the(then.pathSessions, 's-both').participants = [];
      the(then.pathSessions, 's-role').participants = [];
      the(then.slots, 't-next').attendees = ['zoe'];
    });
    expect(result.counts).toMatchObject({ 'session.leave': 3, 'slot.leave': 1 });
  });
});
