import type { Json, JsonObject } from './changes.ts';
import type { GroupId, UserId } from './ids.ts';

/** What stands above all groups (D-08, D-14, A). */
export interface PlatformFacts {
  owner: UserId;
  rootGroup: GroupId;
  /** IANA name; days begin in it (D-19). */
  timeZone: string;
}

export type MembershipRole = 'learner' | 'coach' | 'author' | 'user-admin' | 'admin';

/** An instant as microseconds since 1970-01-01T00:00Z: PostgreSQL's own resolution, exact in a number. */
export type Micros = number;

export interface MembershipFact {
  user: UserId;
  group: GroupId;
  role: MembershipRole;
  since: Micros;
}

export interface GroupFact {
  id: GroupId;
  parent: GroupId | null;
  visibility: 'public' | 'private';
  /** A group of a kind that is no part of the tree (Moodle's course groups): whoever leaves it never loses the account (G-07). */
  standsAlone?: boolean;
}

/** A user as the checks need it: what it is, and what it belongs to. */
export interface UserFact {
  id: UserId;
  living: boolean;
  /** Whether the host itself forbids to delete this account, as it does the platform owner's (D-14). */
  isProtected?: boolean;
  /** The automatic deletion date (D-19), YYYY-MM-DD; null or absent where there is none. */
  dueOn?: string | null;
  memberships: MembershipFact[];
}

/** A living account by the names that other systems know it by. */
export interface AccountFact {
  id: UserId;
  /** What the user logs in with. */
  userName: string;
  email: string;
}

export type OwnableType = 'course' | 'path' | 'session';

/** Somebody who could take over, whether or not they live (D-13 needs both). */
export interface HolderFact {
  user: UserId;
  living: boolean;
}

/** A member of a co-list; `position` orders it, lowest first. */
export interface CoHolderFact extends HolderFact {
  position: number;
}

export interface GroupAdminFact extends HolderFact {
  group: GroupId;
  since: Micros;
}

/** A course, path or path session with its main holder (author, or instructor) and co-list. */
export interface OwnedItemFact {
  type: OwnableType;
  id: string;
  main: HolderFact;
  coHolders: CoHolderFact[];
  /** Courses and paths: the owner group. Sessions: null. */
  ownerGroup: GroupId | null;
  /** Sessions: the path, itself among the owned items whoever its main author is (D-10). Others: null. */
  path: string | null;
}

export interface CoRoleFact {
  user: UserId;
  type: OwnableType;
  id: string;
  position: number;
}

export interface ParticipationFact {
  user: UserId;
  session: string;
  audience: 'dynamic' | 'static';
  /** The groups whose members a dynamic audience holds (G-08); of a static one: none. */
  audienceGroups: GroupId[];
}

/** A dynamic session, and a group of its audience (G-08). */
export interface AudienceFact {
  session: string;
  group: GroupId;
}

/** A seat in a slot of a session. */
export interface AttendanceFact {
  user: UserId;
  slot: string;
  session: string;
  startsAt: Micros;
}

/**
 * What judging needs of a chunk of users, read in one snapshot.
 * `groups` holds every group that a membership names, and all its ancestors.
 */
export interface MemberFacts {
  platform: PlatformFacts;
  users: UserFact[];
  groups: GroupFact[];
}

/**
 * All that the D and G rules need for a chunk of users, read in one snapshot.
 * `groups` holds every group that a membership or owner group names, and all its ancestors.
 * `owned` holds the items whose main holder is in the chunk, and the paths of such sessions.
 * `groupAdmins` holds the admins of the owner groups of `owned` and of their parents.
 */
export interface DeletionFacts extends MemberFacts {
  owned: OwnedItemFact[];
  coRoles: CoRoleFact[];
  participations: ParticipationFact[];
  attendances: AttendanceFact[];
  groupAdmins: GroupAdminFact[];
}

export type RegistrationMethod = 'self' | 'admin' | 'auto' | 'qualification';

/** A user's registration for a course or a path. */
export interface RegistrationFact {
  user: UserId;
  activity: string;
  method: RegistrationMethod;
  status: 'enrolled' | 'in_progress' | 'completed';
  /** Whether the user may view the content. */
  access: boolean;
  listedAs: 'current' | 'completed';
  /** Whether something gives access that no group can take away, as an enrolment by hand beside the group's (Moodle). */
  ownLink?: boolean;
  /** Why the host cannot unenrol it, or remove it for good, in a sentence: as where something else would bring it back at once. */
  refusals?: { unenrol?: string; remove?: string };
}

/** What becomes of a registration on a host that ends enrolments by its own habit when a link goes. */
export interface EndingFact extends RegistrationFact {
  /** What it is to lose: the groups. */
  holders: string[];
  /** Whether the user may still view the content then. */
  keeps: boolean;
}

/** A registration as one names it. */
export interface RegistrationKey {
  user: UserId;
  activity: string;
}

/** A course or a path as the rights on its registrations need it (rules A). */
export interface ActivityFact {
  id: string;
  ownerGroup: GroupId;
}

/** What is kept about a registration: how many history rows there are of each kind. */
export interface HistoryFact extends RegistrationKey {
  kinds: Record<string, number>;
}

/** What unenrolling and removing registrations need, read in one snapshot. What is unknown is left out. */
export interface RegistrationFacts {
  users: { id: UserId; living: boolean }[];
  activities: ActivityFact[];
  /** Those that were asked for, as far as there are any. */
  registrations: RegistrationFact[];
}

/** A qualification: who needs it, and the activities that it requires. */
export interface QualificationFact {
  id: string;
  /** JsonLogic over the profile. */
  rule: Json;
  activities: string[];
}

/** What qualifications look at. */
export interface PersonFact {
  user: UserId;
  living: boolean;
  profile: JsonObject;
}

/** A living user with everything that they are registered for among the activities in question. */
export interface EnrolledFact extends PersonFact {
  held: string[];
}

/** An activity inside a course: a quiz or the like, which belongs to somebody (D-12). */
export interface CourseActivityFact {
  id: string;
  course: string;
}

/** A path as the rights need it (rules A). */
export interface PathFact {
  id: string;
  ownerGroup: GroupId;
  /** The main author and the co-authors. */
  authors: UserId[];
}

/** A course or a path as people look for it. */
export interface ActivityTitle {
  id: string;
  type: 'course' | 'path';
  title: string;
}

/** A group or a path that holds a course, or a group that holds a path. */
export interface HoldingFact {
  holder: string;
  activity: string;
}

/** A link by which somebody may be linked to content, or belongs to the audience of a session. */
export interface LinkFact extends HoldingFact {
  type: 'groupCourse' | 'groupPath' | 'pathCourse' | 'audience';
  /** A course's place in its path; null in groups. */
  position: number | null;
}

/**
 * All that the C rules need for a chunk of users, read in one snapshot.
 * `groupCourses`, `groupPaths` and `pathCourses` are the whole content of the groups in question and of their paths.
 */
export interface ContentFacts {
  groupCourses: HoldingFact[];
  groupPaths: HoldingFact[];
  pathCourses: HoldingFact[];
  /** Sub-courses and translations: `activity` hangs below `holder`; of all courses above, at every depth. */
  courseTree: HoldingFact[];
  /** The method of the registrations that group assignment creates. */
  enrolments: { activity: string; method: Exclude<RegistrationMethod, 'qualification'> }[];
  /** All registrations of the users. */
  registrations: RegistrationFact[];
}

/** What is known of a user beside memberships: what rules look at. */
export interface ProfileFact {
  user: UserId;
  profile: JsonObject;
}

/** A group whose learners are those whose profile its rule matches (C-04). */
export interface SmartGroupFact {
  group: GroupId;
  /** JsonLogic. */
  rule: JsonObject;
}

/** A course or a path, and the group that owns it. */
export interface OwnerGroupFact {
  type: 'course' | 'path';
  id: string;
  ownerGroup: GroupId;
}

/** What groups hold and own: what must go elsewhere when they are deleted (G-11). */
export interface GroupBelongings {
  /** Courses and paths that they hold, and dynamic sessions of whose audience they are. */
  links: LinkFact[];
  owned: OwnerGroupFact[];
}
