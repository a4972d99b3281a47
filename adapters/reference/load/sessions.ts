import { listed, straight } from './table-load.ts';
import type { TableLoad } from './table-load.ts';

/** Path sessions with all their people, and slots. */
export const sessions: readonly TableLoad[] = [
  straight(
    // Without their people, who may be many.
    (world) =>
      world.pathSessions.map(({ id, path, audience, mainInstructor }) => ({
        id,
        path,
        audience,
        mainInstructor,
      })),
    `insert into lms.path_session (id, path_id, audience, main_instructor_id)
     select id, path, audience, "mainInstructor"
     from json_to_recordset($1) as r(id text, path text, audience text, "mainInstructor" text)`,
  ),
  listed(
    (world) => world.pathSessions,
    (session) => session.audienceGroups,
    `session_audience_group (session_id, group_id) select of, id`,
  ),
  listed(
    (world) => world.pathSessions,
    (session) => session.coInstructors,
    `session_co_instructor (session_id, user_id, position) select of, id, position`,
  ),
  listed(
    (world) => world.pathSessions,
    (session) => session.participants,
    `session_participant (session_id, user_id) select of, id`,
  ),
  straight(
    (world) =>
      world.slots.map(({ id, session, startsAt, endsAt, capacity }) => ({
        id,
        session,
        startsAt,
        endsAt,
        capacity,
      })),
    `insert into lms.slot (id, session_id, starts_at, ends_at, capacity)
     select id, session, "startsAt", "endsAt", capacity
     from json_to_recordset($1) as r(id text, session text, "startsAt" timestamptz, "endsAt" timestamptz, capacity int)`,
  ),
  listed(
    (world) => world.slots,
    (slot) => slot.attendees,
    `slot_attendee (slot_id, user_id) select of, id`,
  ),
];
