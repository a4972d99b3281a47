import { textOf } from '../../contracts/changes.ts';
import type { RegistrationMethod } from '../../contracts/facts.ts';
import { planContent } from '../../rules/content.ts';
import { contentFacts } from './content-facts.ts';
import type { LostLinks } from './content-facts.ts';
import { world } from './world-builder.ts';
import type { Course, Given, Registration } from './world-builder.ts';

export type Cascade = 'always' | 'unless-linked';
export type Links = Required<Pick<Given, 'groupCourses' | 'groupPaths' | 'paths'>>;

const methods: RegistrationMethod[] = ['self', 'admin', 'auto', 'qualification'];

/** What a registration can be; null where there is none. */
const states: Record<string, Partial<Registration> | null> = {
  enrolled: { status: 'enrolled', progress: 0 },
  'in progress': { status: 'in_progress', progress: 0.4 },
  completed: {
    status: 'completed',
    listedAs: 'completed',
    progress: 1,
    completedAt: '2025-01-31T10:00:00Z',
  },
  'already de-assigned': { access: false },
  unenrolled: { access: false, listedAs: 'completed' },
  'no registration': null,
};

export interface Registered {
  method: RegistrationMethod;
  state: string;
}

/** Every method with every state; without a registration there is no method. */
export const registrations: Registered[] = Object.keys(states).flatMap((state) =>
  (states[state] === null ? methods.slice(0, 1) : methods).map((method) => ({ method, state })),
);

/** C-02, C-03, C-13, and the introduction: only what is open, not completed, and self or admin can go. */
export function canGo({ method, state }: Registered): boolean {
  return ['self', 'admin'].includes(method) && ['enrolled', 'in progress'].includes(state);
}

export function row({ method, state }: Registered, activity: string): Given['registrations'] {
  const members = states[state];
  return members === null ? [] : [{ user: 'ada', activity, method, ...members }];
}

/** The course `c` in Ada's group `g` by a path, and directly. */
export const byPath: Partial<Links> = {
  groupPaths: [{ group: 'g', path: 'p' }],
  paths: [{ id: 'p', mainAuthor: 'u-owner', courses: ['c'] }],
};
export const direct: Partial<Links> = { groupCourses: [{ group: 'g', course: 'c' }] };

/** A course that hangs below `c`, at some depth, with a link of its own or without. */
export interface Lower extends Pick<Course, 'id'> {
  parentCourse?: string;
  translationOf?: string;
  own: boolean;
}

const yesNo = [true, false];
export const hanging: Lower[][] = [
  [],
  ...yesNo.map((own): Lower[] => [{ id: 'sub', parentCourse: 'c', own }]),
  ...yesNo.map((own): Lower[] => [{ id: 'translation', translationOf: 'c', own }]),
  ...yesNo.flatMap((own) =>
    yesNo.map((deeper): Lower[] => [
      { id: 'sub', parentCourse: 'c', own },
      { id: 'deeper', translationOf: 'sub', own: deeper },
    ]),
  ),
];

export function coursesOf(below: readonly Lower[]): NonNullable<Given['courses']> {
  const lower = below.map(({ own: _, ...course }) => ({ ...course, mainAuthor: 'u-owner' }));
  return [{ id: 'c', mainAuthor: 'u-owner' }, ...lower];
}

/** The plan for Ada who moves between groups, as `access.revoke c` for every change; she is in `g-other` and `g-own` besides. */
export function plannedMove(
  given: Given,
  before: string[],
  after: string[],
  { rule, lost, cascade }: { rule: string; lost: Partial<LostLinks>; cascade: Cascade },
): string {
  const stays = ['g-other', 'g-own'];
  const changes = planContent(
    contentFacts(world(given)),
    [{ user: 'ada', before: [...before, ...stays], after: [...after, ...stays] }],
    { rule, cascade, lost: { groupCourses: [], groupPaths: [], pathCourses: [], ...lost } },
  );
  return changes
    .map(({ kind, user, item }) => `${kind} ${textOf(item, 'activity')}${user === 'ada' ? '' : user}`)
    .sort()
    .join(', ');
}
