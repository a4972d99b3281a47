import type { World, WorldRow } from '../../../contracts/world.ts';

type Course = WorldRow<'courses'>;

function course(
  id: string,
  title: string,
  ownerGroup: string,
  [mainAuthor = 'u-owner', ...coAuthors]: string[],
  more: Partial<Pick<Course, 'parentCourse' | 'translationOf' | 'enrolment'>> = {},
): Course {
  const alone = { parentCourse: null, translationOf: null, enrolment: 'admin' } as const;
  return { id, title, ownerGroup, mainAuthor, coAuthors, ...alone, ...more };
}

/** Ada's first four courses show the four rungs of the succession: co-author, admin, parent's admin, owner. */
export const courses: World['courses'] = [
  course('c-espresso', 'Espresso basics', 'g-academy', ['ada', 'grace', 'alan']),
  course('c-latte', 'Latte art', 'g-academy', ['ada'], { enrolment: 'self' }),
  course('c-hygiene', 'Hygiene at the bar', 'g-trainers', ['ada'], { enrolment: 'auto' }),
  course('c-cupping', 'Cupping', 'g-lab', ['ada'], { parentCourse: 'c-roasting' }),
  course('c-till', 'The till', 'g-sales', ['alan', 'ada', 'grace']),
  course('c-till-nl', 'De kassa', 'g-sales', ['alan'], { translationOf: 'c-till' }),
  course('c-roasting', 'Roasting', 'g-roastery', ['mary']),
  course('c-first-aid', 'First aid', 'g-academy', ['hedy', 'barbara']),
];

export const paths: World['paths'] = [
  {
    id: 'p-barista',
    title: 'Becoming a barista',
    ownerGroup: 'g-academy',
    mainAuthor: 'ada',
    coAuthors: ['barbara', 'alan'],
    courses: ['c-hygiene', 'c-espresso', 'c-latte'],
    enrolment: 'admin',
  },
  {
    id: 'p-welcome',
    title: 'Welcome aboard',
    ownerGroup: 'g-academy',
    mainAuthor: 'hedy',
    coAuthors: ['ada'],
    courses: ['c-first-aid', 'c-till'],
    enrolment: 'auto',
  },
];

export const groupCourses: World['groupCourses'] = [
  { group: 'g-sales', course: 'c-till' },
  { group: 'g-sales', course: 'c-espresso' },
  { group: 'g-leads', course: 'c-latte' },
  { group: 'g-nl', course: 'c-till-nl' },
  { group: 'g-lab', course: 'c-roasting' },
  { group: 'g-lab', course: 'c-cupping' },
];

export const groupPaths: World['groupPaths'] = [
  { group: 'g-sales', path: 'p-barista' },
  { group: 'g-all', path: 'p-welcome' },
];

/** A copied activity belongs to who copied it, whoever the course's author is. */
export const activities: World['activities'] = [
  { id: 'a-grind', course: 'c-espresso', kind: 'quiz', title: 'Which grind?', owner: 'ada' },
  { id: 'a-pull', course: 'c-espresso', kind: 'video', title: 'Pulling a shot', owner: 'grace' },
  { id: 'a-heart', course: 'c-latte', kind: 'assignment', title: 'Pour a heart', owner: 'ada' },
  { id: 'a-till', course: 'c-till', kind: 'quiz', title: 'Counting up', owner: 'alan' },
  {
    id: 'a-recovery',
    course: 'c-first-aid',
    kind: 'sheet',
    title: 'The recovery position',
    owner: 'barbara',
  },
];

export const items: World['items'] = [
  { id: 'i-hello', kind: 'post', author: 'ada', title: 'Hello from the bar' },
  { id: 'i-spring', kind: 'program', author: 'ada', title: 'Spring programme' },
  { id: 'i-beans', kind: 'post', author: 'ken', title: 'New beans' },
  { id: 'i-farewell', kind: 'post', author: 'karen', title: 'Farewell' },
];
