import type { Check, Inspection } from './inspection.ts';
import { isDeleted } from './inspection.ts';
import { sortableInstant } from './instants.ts';
import type { Loose } from './loose-world.ts';
import type { WorldRow } from './world-shape.ts';

type Slot = Loose<WorldRow<'slots'>>;
type Session = { audience: string | undefined; participants: ReadonlySet<string | undefined> };

/**
 * Refuses slots that end before they start, that have more attendees than capacity, or attendees who may not be there:
 *
 * - in an upcoming slot: everyone but the living participants of its session (D-03, G-08);
 * - in one that has begun, of a static session: everyone but its participants, whom no operation removes (D-22, G-09);
 * - in one that has begun, of a dynamic session: nobody. Attendance is a record there (D-02) which outlives the
 *   participation, for the deleted and for those who left the audience, so that anybody may be found in it.
 *
 * That is as strict as it can be while every dump after an operation loads again. The moment of deletion says
 * nothing more: an automatic one is dated back, and slots may be moved. As the moment of parsing only ever makes
 * slots begin, a valid file stays valid.
 */
export const checkSlots: Check = (inspection) => {
  const sessions = attendedSessions(inspection);
  inspection.world.slots.forEach((slot, i) => {
    checkTimes(inspection, slot, i);
    const { attendees, capacity } = slot;
    if (attendees !== undefined && capacity != null && attendees.length > capacity) {
      inspection.report(
        ['slots', i, 'attendees'],
        `${attendees.length} attendees, but a capacity of ${capacity}`,
      );
    }
    checkAttendees(inspection, slot, i, sessions);
  });
};

function checkTimes({ report }: Inspection, { startsAt, endsAt }: Slot, i: number): void {
  if (startsAt === undefined || endsAt === undefined) return;
  if (sortableInstant(endsAt) < sortableInstant(startsAt))
    report(['slots', i, 'endsAt'], 'is before startsAt');
}

function attendedSessions({ world }: Inspection): Map<string, Session> {
  const attended = new Set(world.slots.map(({ session }) => session));
  const sessions = new Map<string, Session>();
  for (const { id, audience, participants } of world.pathSessions) {
    if (id === undefined || participants === undefined || !attended.has(id) || sessions.has(id)) continue;
    sessions.set(id, { audience, participants: new Set(participants) });
  }
  return sessions;
}

function checkAttendees(inspection: Inspection, slot: Slot, i: number, sessions: Map<string, Session>): void {
  const session = sessions.get(slot.session ?? '');
  if (session === undefined || slot.startsAt === undefined) return;
  const upcoming = sortableInstant(slot.startsAt) > inspection.now;
  const participantsOnly = upcoming || session.audience === 'static';
  slot.attendees?.forEach((user, j) => {
    if (user === undefined || !inspection.users.has(user)) return;
    const path = ['slots', i, 'attendees', j];
    if (upcoming && isDeleted(inspection, user))
      inspection.report(path, `'${user}' is deleted, the slot upcoming`);
    else if (participantsOnly && !session.participants.has(user)) {
      inspection.report(path, `'${user}' is not a participant of session '${slot.session}'`);
    }
  });
}
