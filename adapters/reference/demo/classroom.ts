import type { World, WorldRow } from '../../../contracts/world.ts';

const sales = ['ada', 'grace', 'alan', 'edsger'];

export const pathSessions: World['pathSessions'] = [
  {
    // Ada has no co-instructor here: the path's main author follows.
    id: 's-open',
    path: 'p-barista',
    audience: 'dynamic',
    audienceGroups: ['g-sales', 'g-lab'],
    mainInstructor: 'ada',
    coInstructors: [],
    participants: [...sales, 'ken'],
  },
  {
    id: 's-evening',
    path: 'p-barista',
    audience: 'static',
    audienceGroups: ['g-sales'],
    mainInstructor: 'ada',
    coInstructors: ['barbara', 'hedy'],
    participants: ['grace', 'radia', 'karen'],
  },
  {
    id: 's-welcome',
    path: 'p-welcome',
    audience: 'static',
    audienceGroups: ['g-sales'],
    mainInstructor: 'hedy',
    coInstructors: ['ada'],
    participants: ['ada', 'donald', 'tim', 'rasmus'],
  },
  {
    id: 's-leads',
    path: 'p-welcome',
    audience: 'dynamic',
    audienceGroups: ['g-leads', 'g-leads-nl'],
    mainInstructor: 'barbara',
    coInstructors: [],
    participants: ['grace', 'edsger'],
  },
];

/** A slot of two hours in the morning. */
function slot(
  id: string,
  session: string,
  day: string,
  capacity: number | null,
  attendees: string[],
): WorldRow<'slots'> {
  return { id, session, startsAt: `${day}T08:00:00Z`, endsAt: `${day}T10:00:00Z`, capacity, attendees };
}

/** What has begun keeps its attendees, also Karen and Rasmus; what is to come loses those who leave. */
export const slots: World['slots'] = [
  slot('t-open-1', 's-open', '2026-02-02', null, ['ada', 'grace', 'karen']),
  slot('t-open-2', 's-open', '2031-03-03', 8, ['ada', 'grace', 'alan']),
  slot('t-open-3', 's-open', '2031-04-07', null, ['ada', 'ken']),
  slot('t-evening-1', 's-evening', '2026-02-09', 12, ['grace', 'karen', 'radia']),
  slot('t-evening-2', 's-evening', '2031-03-10', 12, ['grace', 'radia']),
  slot('t-welcome-1', 's-welcome', '2026-01-12', 4, ['ada', 'donald', 'rasmus', 'tim']),
  slot('t-welcome-2', 's-welcome', '2031-01-13', 4, ['ada', 'donald']),
  slot('t-leads-1', 's-leads', '2031-05-05', 2, ['grace', 'edsger']),
];
