import type { World, WorldRow } from '../../../contracts/world.ts';

type Registration = WorldRow<'registrations'>;

/** A registration that has just been made. */
function enrolled(user: string, activity: string, method: Registration['method'] = 'admin'): Registration {
  const blank = {
    status: 'enrolled',
    access: true,
    listedAs: 'current',
    progress: 0,
    completedAt: null,
  } as const;
  return { user, activity, method, ...blank };
}

function begun(
  user: string,
  activity: string,
  progress: number,
  method?: Registration['method'],
): Registration {
  return { ...enrolled(user, activity, method), status: 'in_progress', progress };
}

function completed(
  user: string,
  activity: string,
  on: string,
  method?: Registration['method'],
): Registration {
  const done = {
    status: 'completed',
    listedAs: 'completed',
    progress: 1,
    completedAt: `${on}T15:00:00Z`,
  } as const;
  return { ...enrolled(user, activity, method), ...done };
}

/** Without access: de-assigned if it is listed as current, unenrolled if as completed. */
export const registrations: World['registrations'] = [
  completed('ada', 'c-till', '2025-03-14'),
  begun('ada', 'c-first-aid', 0.5, 'qualification'),
  begun('ada', 'p-welcome', 0.75, 'auto'),
  begun('grace', 'c-espresso', 0.4),
  enrolled('grace', 'c-latte', 'self'),
  begun('grace', 'p-barista', 0.2),
  completed('alan', 'c-espresso', '2025-09-01'),
  enrolled('edsger', 'c-till'),
  { ...begun('edsger', 'c-till-nl', 0.1), access: false },
  { ...begun('radia', 'c-latte', 0.6, 'self'), access: false, listedAs: 'completed' },
  completed('donald', 'c-first-aid', '2026-01-20', 'qualification'),
  enrolled('joan', 'c-first-aid', 'qualification'),
  begun('ken', 'c-roasting', 0.9),
  begun('ken', 'c-cupping', 0.3),
  completed('karen', 'c-till', '2025-05-05'),
  begun('karen', 'c-espresso', 0.7),
];

export const history: World['history'] = [
  { user: 'ada', activity: 'c-till', kind: 'attempt', at: '2025-03-14T14:30:00Z', result: { score: 9 } },
  {
    user: 'ada',
    activity: 'c-till',
    kind: 'completion',
    at: '2025-03-14T15:00:00Z',
    result: { passed: true },
  },
  {
    user: 'grace',
    activity: 'c-espresso',
    kind: 'attempt',
    at: '2026-02-03T10:00:00Z',
    result: { score: 4 },
  },
  {
    user: 'donald',
    activity: 'c-first-aid',
    kind: 'attempt',
    at: '2026-01-20T14:00:00Z',
    result: { score: 8 },
  },
  {
    user: 'karen',
    activity: 'c-till',
    kind: 'completion',
    at: '2025-05-05T15:00:00Z',
    result: { passed: true },
  },
];

/** Who deals with guests has to know first aid. */
export const qualifications: World['qualifications'] = [
  {
    id: 'q-first-aid',
    name: 'First aider',
    rule: { in: [{ var: 'team' }, ['sales', 'support']] },
    activities: ['c-first-aid'],
  },
];
