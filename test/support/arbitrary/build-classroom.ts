import type { World, WorldRow } from '../../../contracts/world.ts';
import type { Blueprint } from './blueprint.ts';
import { holdersOf } from './build-content.ts';
import type { Content } from './build-content.ts';
import type { People } from './build-people.ts';
import { choose, chooseSome } from './choose.ts';

/** Path sessions and their slots. */
export type Classroom = Pick<World, 'pathSessions' | 'slots'>;

type Session = WorldRow<'pathSessions'>;

export function buildClassroom(plan: Blueprint, people: People, content: Content): Classroom {
  const pathSessions =
    content.paths.length === 0 ? [] : plan.sessions.map((_, i) => buildSession(plan, people, content, i));
  const slots =
    pathSessions.length === 0 ? [] : plan.slots.map((_, i) => buildSlot(plan, people, pathSessions, i));
  return { pathSessions, slots };
}

function buildSession(plan: Blueprint, people: People, content: Content, i: number): Session {
  const choice = plan.sessions[i] as Blueprint['sessions'][number];
  const groups = chooseSome(people.groups, choice.audienceGroups).map(({ id }) => id);
  const members = people.memberships.filter(({ group }) => groups.includes(group)).map(({ user }) => user);
  const everybody = people.users.map(({ id }) => id);
  const [mainInstructor, coInstructors] = holdersOf(people, choice);
  return {
    id: `s-${i}`,
    path: choose(content.paths, choice.path)?.id ?? '',
    audience: choice.audience,
    audienceGroups: groups,
    mainInstructor,
    coInstructors,
    participants: chooseSome(choice.audience === 'dynamic' ? members : everybody, choice.participants),
  };
}

function buildSlot(plan: Blueprint, people: People, sessions: Session[], i: number): WorldRow<'slots'> {
  const choice = plan.slots[i] as Blueprint['slots'][number];
  const session = choose(sessions, choice.session) as Session;
  const attendees = chooseSome(attendable(people, session, choice.year > 2030), choice.attendees);
  return {
    id: `t-${i}`,
    session: session.id,
    startsAt: `${choice.year}-03-01T09:00:00Z`,
    endsAt: `${choice.year}-03-01T12:00:00Z`,
    capacity: choice.spare === null ? null : attendees.length + choice.spare,
    attendees,
  };
}

/** Who may be in a slot: when it has begun, in a dynamic session, also those who have left since. */
function attendable({ users }: People, { audience, participants }: Session, upcoming: boolean): string[] {
  if (audience === 'dynamic' && !upcoming) return users.map(({ id }) => id);
  const isLiving = (id: string) => users.some((user) => user.id === id && user.status === 'active');
  return upcoming ? participants.filter(isLiving) : participants;
}
