/** The kinds of organisation that a world can look like (world file). */
export const shapeNames = ['small-business', 'university', 'enterprise'] as const;
export type ShapeName = (typeof shapeNames)[number];

/** What one kind of organisation has, by size and by chance. */
export interface Shape {
  timeZone: string;
  /** How far the time zone is ahead of UTC in January. */
  winterOffsetHours: number;
  /** Null: unlimited. */
  seatsPerUser: number | null;
  usersPerGroup: number;
  usersPerCourse: number;
  /** The chance that a group hangs right below the one before, which makes trees deep. */
  depth: number;
  privateShare: number;
  /** The share of groups with admins of their own. */
  adminShare: number;
  countries: readonly [string, ...string[]];
  jobs: readonly [string, ...string[]];
  /** Names of the groups below the root, and of those further down. */
  areas: readonly [string, ...string[]];
  teams: readonly [string, ...string[]];
}

const europe = ['NL', 'BE', 'DE', 'FR', 'ES', 'PL'] as const;

export const shapes: Readonly<Record<ShapeName, Shape>> = {
  'small-business': {
    timeZone: 'Europe/Amsterdam',
    winterOffsetHours: 1,
    seatsPerUser: 1.2,
    usersPerGroup: 10,
    usersPerCourse: 6,
    depth: 0.2,
    privateShare: 0.15,
    adminShare: 0.7,
    countries: ['NL', 'BE'],
    jobs: ['sales', 'office', 'workshop'],
    areas: ['Sales', 'Office', 'Workshop', 'Warehouse', 'Service'],
    teams: ['Early shift', 'Late shift', 'Newcomers', 'Project'],
  },
  university: {
    timeZone: 'Europe/Warsaw',
    winterOffsetHours: 1,
    seatsPerUser: null,
    usersPerGroup: 25,
    usersPerCourse: 30,
    depth: 0.3,
    privateShare: 0.1,
    adminShare: 0.4,
    countries: europe,
    jobs: ['student', 'lecturer', 'researcher', 'librarian', 'administration'],
    areas: [
      'Faculty of Arts',
      'Faculty of Law',
      'Faculty of Science',
      'Faculty of Medicine',
      'Library',
      'Services',
    ],
    teams: ['Department', 'Year', 'Seminar', 'Tutorial', 'Laboratory'],
  },
  enterprise: {
    timeZone: 'America/New_York',
    winterOffsetHours: -5,
    seatsPerUser: 1.1,
    usersPerGroup: 50,
    usersPerCourse: 60,
    depth: 0.45,
    privateShare: 0.25,
    adminShare: 0.5,
    countries: [...europe, 'US', 'CA', 'BR', 'IN', 'JP', 'ZA'],
    jobs: ['sales', 'engineering', 'finance', 'logistics', 'support', 'legal', 'production', 'management'],
    areas: [
      'Americas',
      'Europe',
      'Asia and Pacific',
      'Africa',
      'Research',
      'Production',
      'Finance',
      'Partners',
    ],
    teams: ['Region', 'Site', 'Division', 'Unit', 'Team', 'Branch', 'Squad'],
  },
};

/** The shape that organisations of this size usually have. */
export function shapeForSize(users: number): ShapeName {
  if (users < 300) return 'small-business';
  return users < 50_000 ? 'university' : 'enterprise';
}
