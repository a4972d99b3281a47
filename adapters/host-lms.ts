import type { ChangeKind } from '../contracts/changes.ts';
import type {
  AccountFact,
  ActivityFact,
  ActivityTitle,
  AudienceFact,
  ContentFacts,
  CourseActivityFact,
  DeletionFacts,
  EnrolledFact,
  EndingFact,
  GroupBelongings,
  GroupFact,
  HistoryFact,
  LinkFact,
  MemberFacts,
  PathFact,
  PlatformFacts,
  PersonFact,
  QualificationFact,
  RegistrationFacts,
  RegistrationKey,
  ProfileFact,
  SmartGroupFact,
  UserFact,
} from '../contracts/facts.ts';
import type { GroupId, UserId } from '../contracts/ids.ts';
import type { ReportRow, UserColumn } from '../contracts/reports.ts';
import type { Sql } from '../contracts/sql.ts';
import type { AppliedChange, Obstacle, UndoObstacle } from '../contracts/undo.ts';

export type { EndingFact } from '../contracts/facts.ts';
export type { Sql } from '../contracts/sql.ts';
export type { AppliedChange, UndoObstacle } from '../contracts/undo.ts';

/** How a user is named: by id, by email (any case), or by what may be either; then the id wins. */
export interface UserReference {
  id?: string;
  email?: string;
}

/** A difference between the host's schema and the one that the adapter knows. */
export interface SchemaFinding {
  /** `missing`: the adapter needs it and it is not there. `unclaimed`: it refers to users and nobody handles it. */
  kind: 'missing' | 'unclaimed';
  /** `table` or `table.column`, as the host names it; what an operator waives by. */
  name: string;
  detail: string;
}

/**
 * One statement of an effect, as a list of common table expressions that the ledger puts between its own.
 *
 * `ctes` may read these relations:
 * - `todo(id bigint, user_id text, item jsonb, before jsonb, after jsonb, undoes bigint)`: the changes to carry out now. In the
 *   first statement of an effect: all pending changes of the step and kind. In later ones: those that the first one
 *   has just applied.
 * - `image(change_id bigint, table_name text, before jsonb, after jsonb)`: for a change that undoes another,
 *   the row images that the other one left, under the id of the undoing change; for going through all of them. For looking up those
 *   of one change it is `lms_lifecycle.row_image` by `undoes`: the planner takes the changes of a new plan for a few, and would
 *   compare each with each.
 * - `op(operation text, actor text, at timestamptz)`: one row; the operation's id, who asked ('system' for none), and the
 *   transaction's instant.
 * - `leaver(user_id text)`: the users of this chunk whose account the same operation retires: what a host does to a
 *   living user who leaves a group need not be done to them.
 *
 * It must not name `changes`, `decided_changes` or `images_kept`, which are the ledger's.
 * `images` names the CTEs that hold what was changed, with the columns
 * `(change_id bigint, table_name text, before jsonb, after jsonb)`: before = the whole old row (null: inserted),
 * after = the whole new row (null: deleted). Every host row that an effect touches has exactly one image; but what is removed
 * for good has none: gone means gone.
 */
export interface EffectStatement {
  ctes: string;
  images: readonly string[];
}

/** The deciding statement of an effect, and those that finish the job. */
export type EffectStatements = readonly [EffectStatement, ...EffectStatement[]];

/**
 * How the host carries out one kind of change, set-based and in one transaction with the ledger's rows.
 * The first statement compares `before` with the host's row, acts, and defines a CTE `decided(change_id)` with the
 * changes that it carried out; pending changes that are not in it become conflicts. Later statements
 * finish the job for those.
 */
export interface HostEffect {
  /**
   * A statement that is run before the first one, which sees what others have committed until it ended: for what only one may
   * decide on at a time, as the last free seats. `$1` is the ids of the changes, `bigint[]`.
   */
  lock?: string;
  /** A function where the statements depend on what the host's schema has: it is asked in the transaction that runs them. */
  statements: EffectStatements | ((sql: Sql) => Promise<EffectStatements>);
}

/** Whose content is looked at, and what of it may come or go. */
export interface ContentScope {
  /** The groups that link the users to anything. */
  groups: readonly GroupId[];
  /** Those of the groups that somebody leaves or joins: registrations are given for what they hold, and for what hangs below it. */
  changing: readonly GroupId[];
  /** Paths beside those of the groups; registrations are given for them, for their courses, and for what hangs below. */
  paths: readonly string[];
  /** Courses and paths for which, and for what hangs below, registrations are given too, whoever holds them. */
  activities: readonly string[];
}

/** Which links of users are looked at. */
export interface LinkScope {
  /** Groups that count whatever they hold. */
  groups: readonly GroupId[];
  /** Courses and paths; a course is held also by whoever holds a path with it. */
  activities: readonly string[];
}

/** Content as the C rules see it. */
export interface HostContent {
  /** Set where content comes and goes with a membership by the effects of that: then only the loss of links is planned. */
  readonly followsMemberships?: true;
  /** Why the host has no such links, in a sentence for whoever asked; null where it has. */
  unsupported?: (query: LinkQuery) => string | null;
  /** What forbids to take these links away as things stand, in a sentence; null when nothing does. */
  standsInTheWay?: (sql: Sql, query: LinkQuery) => Promise<string | null>;
  /** In place of the C rules, on a host that keeps to its own habit: the registrations that end with these links. */
  endings?: (sql: Sql, users: readonly UserId[], links: readonly LinkFact[]) => Promise<EndingFact[]>;
  /** What the groups and paths hold; and of what may come or go, what hangs below it and what the users are registered for. */
  facts: (sql: Sql, users: readonly UserId[], scope: ContentScope) => Promise<ContentFacts>;
  /** The groups in scope, and those that hold something in scope, that each of these users is in; by user and group, each once. */
  linkingGroups: (
    sql: Sql,
    users: readonly UserId[],
    scope: LinkScope,
  ) => Promise<{ user: UserId; group: GroupId }[]>;
  /** A path that somebody names; null when there is none. */
  findPath: (sql: Sql, id: string) => Promise<PathFact | null>;
  /** Which of these are no courses, or no paths. */
  unknown: (sql: Sql, type: 'course' | 'path', ids: readonly string[]) => Promise<string[]>;
  /** Which of these links there are, with the place of a course in its path. */
  links: (sql: Sql, links: LinkQuery) => Promise<LinkFact[]>;
  /** Living users in the group, or in the groups that hold the path, by id: those after `after`, at most `limit`. */
  members: (
    sql: Sql,
    of: { group: GroupId } | { path: string },
    after: UserId | null,
    limit: number,
  ) => Promise<UserId[]>;
}

/** Courses and paths by name. */
export interface HostCatalogue {
  /** Those whose id or title holds the text, in any case: the one of that very id first, then by title; at most `limit`. */
  search: (sql: Sql, text: string, limit: number) => Promise<ActivityTitle[]>;
  /** Those with these ids; unknown ones are left out. */
  named: (sql: Sql, ids: readonly string[]) => Promise<ActivityTitle[]>;
}

/** Which living accounts are asked for; names are compared without regard to case. */
export interface AccountQuery {
  by: { id: UserId } | { userName: string } | { email: string } | null;
  /** Left out, and not counted. */
  except: readonly UserId[];
  /** How many to pass over, and how many to give at most. */
  offset: number;
  limit: number;
}

/** Groups as a deletion of them needs them (G-11). */
export interface HostGroups {
  /** Why groups of this kind cannot be deleted, in a sentence for whoever asked; null where they can. */
  unsupported?: (group: GroupId) => string | null;
  /** Set where everybody with an account belongs to the groups above: who moves there (G-11) gets no membership. */
  readonly parentsHoldEverybody?: true;
  /** The group and everything below it; nothing when there is no such group. */
  subtree: (sql: Sql, group: GroupId) => Promise<GroupFact[]>;
  /** What these groups hold and own. */
  belongings: (sql: Sql, groups: readonly GroupId[]) => Promise<GroupBelongings>;
  /** Living users with a role in any of these groups, by id: those after `after`, at most `limit`. */
  members: (sql: Sql, groups: readonly GroupId[], after: UserId | null, limit: number) => Promise<UserId[]>;
  /** How many living users are in these groups and in no other. */
  countOrphans: (sql: Sql, groups: readonly GroupId[]) => Promise<number>;
}

/** Profiles, and the groups whose members they decide about (C-04). */
export interface HostProfiles {
  /** The profiles of these users. */
  of: (sql: Sql, users: readonly UserId[]) => Promise<ProfileFact[]>;
  /** All groups that have a rule. */
  smartGroups: (sql: Sql) => Promise<SmartGroupFact[]>;
  /** How many living users have a role in each of these groups; those without any are left out. */
  countMembers: (sql: Sql, groups: readonly GroupId[]) => Promise<{ group: GroupId; members: number }[]>;
}

/** Links between one holder and some activities. */
export interface LinkQuery {
  type: LinkFact['type'];
  holder: string;
  activities: readonly string[];
}

/** Registrations by name, and the qualifications that require some (rules R); the activities inside of courses (D-12). */
export interface HostRegistrations {
  /** The users, the activities and the registrations that are named; what there is none of is left out. */
  facts: (sql: Sql, keys: readonly RegistrationKey[]) => Promise<RegistrationFacts>;
  /** How much history is kept about these registrations; those without any are left out. */
  history: (sql: Sql, keys: readonly RegistrationKey[]) => Promise<HistoryFact[]>;
  /** The qualifications that require one of these activities, with all that they require; null: all. By id. */
  qualifications: (
    sql: Sql,
    activities: readonly string[] | null,
    lock: RowLock,
  ) => Promise<QualificationFact[]>;
  /** What qualifications look at, of these users. */
  people: (sql: Sql, users: readonly UserId[], lock: RowLock) => Promise<PersonFact[]>;
  /**
   * Living users by id, with their profiles and what they are registered for among these activities: the ones that are named, or
   * those after `after`, at most `limit`.
   */
  enrolled: (
    sql: Sql,
    of: { users: readonly UserId[] } | { after: UserId | null; limit: number },
    activities: readonly string[],
  ) => Promise<EnrolledFact[]>;
  /** Courses and paths with their owner groups; unknown ids are left out. */
  activities: (sql: Sql, ids: readonly string[]) => Promise<ActivityFact[]>;
  /** A course with its owner group; null when there is none. */
  findCourse: (sql: Sql, id: string) => Promise<ActivityFact | null>;
  /** An activity inside a course; null when there is none. */
  findCourseActivity: (sql: Sql, id: string) => Promise<CourseActivityFact | null>;
}

/** What reports are made of (rules P): living and deleted users alike. */
export interface HostReports {
  /** The columns that this host knows, in the order of `userColumns`. */
  readonly columns: readonly UserColumn[];
  /** Users by id: those after `after`, at most `limit`, with their values in the order of the columns. */
  users: (
    sql: Sql,
    columns: readonly UserColumn[],
    after: UserId | null,
    limit: number,
  ) => Promise<ReportRow[]>;
  /** How many users there are, against which pages are checked. */
  count: (sql: Sql) => Promise<number>;
  /** Where a living user gets mail; null for anybody else. */
  emailOf: (sql: Sql, user: UserId) => Promise<string | null>;
}

/** A table that the adapter reads, and what else it does with it. */
export interface TableUse {
  /** As its SQL names it. */
  table: string;
  writes: ReadonlySet<TableWrite>;
}

export type TableWrite = 'insert' | 'update' | 'delete';

/** Whether the rows that are read must stay as they are until the transaction ends. */
export type RowLock = 'lock' | 'no-lock';

/** What hinders an account from coming back, and the dynamic sessions that its groups would let it into. */
export interface ReinstatementFacts {
  obstacle: Extract<Obstacle, 'email-taken' | 'no-seat' | 'moved-on' | 'gone'> | null;
  /** The dynamic sessions in which the user has no place, by the groups of their audiences. */
  audiences: AudienceFact[];
}

/**
 * The port: an LMS in domain words. Reads are complete or throw; none is one query per user. No method
 * opens or ends a transaction: the caller does.
 */
export interface HostLms {
  readonly name: 'reference' | 'moodle';
  /** Compares the host's schema with the one that the adapter knows; empty = no drift. */
  preflight(sql: Sql): Promise<SchemaFinding[]>;
  /** The tables that it reads and writes, with its settings and on this site: what a database role must be granted. */
  tables(sql: Sql): Promise<TableUse[]>;
  platform(sql: Sql): Promise<PlatformFacts>;
  /** Users by reference, in order; null where there is none. Of several accounts with one email the living one, else the last deleted. */
  findUsers(
    sql: Sql,
    references: readonly UserReference[],
  ): Promise<({ id: UserId; living: boolean } | null)[]>;
  /** Users with their memberships, for authorization; unknown ids are left out. */
  users(sql: Sql, ids: readonly UserId[]): Promise<UserFact[]>;
  /** Living accounts in a fixed order, and how many there are in all. */
  accounts(sql: Sql, query: AccountQuery): Promise<{ total: number; accounts: AccountFact[] }>;
  /** A group that somebody names; null when there is none. */
  findGroup(sql: Sql, id: GroupId): Promise<GroupFact | null>;
  /**
   * What judging needs of these users. `within` is the group that they are to be removed from, null when they are to be deleted:
   * of groups that stand alone only the memberships in that one count, and none when deleting.
   */
  memberFacts(sql: Sql, users: readonly UserId[], within: GroupId | null): Promise<MemberFacts>;
  /**
   * Everything the D and G rules need to plan for these users, in a few set-based reads of one snapshot; `within` as above.
   *
   * @param heirs groups whose admins, and whose parents' admins, are needed too
   */
  deletionFacts(
    sql: Sql,
    users: readonly UserId[],
    within: GroupId | null,
    heirs?: readonly GroupId[],
  ): Promise<DeletionFacts>;
  /** The dynamic sessions of whose audience these groups are (G-08). */
  audiences(sql: Sql, groups: readonly GroupId[]): Promise<AudienceFact[]>;
  readonly catalogue: HostCatalogue;
  readonly reports: HostReports;
  /** Content that groups and paths hold, on a host where they hold any. */
  readonly content?: HostContent;
  /** Registrations and qualifications; a host of which they are not known has none. */
  readonly registrations?: HostRegistrations;
  /** What deleting groups needs; a host that cannot have them deleted has none. */
  readonly groups?: HostGroups;
  /** A host without rules for groups has none. */
  readonly profiles?: HostProfiles;
  /**
   * Living users whose automatic deletion date has begun in the platform's time zone (D-19), in the order of their ids, those after
   * `after` only, at most `limit`; a host without such dates has no such method.
   */
  dueUsers?(sql: Sql, after: UserId | null, limit: number): Promise<UserId[]>;
  /** How many living users there are: the whole of which `maxShare` is a part. */
  countLivingUsers(sql: Sql): Promise<number>;
  /**
   * What reinstating a deleted user depends on beside the record of the deletion (D-20).
   *
   * @param recorded whether there is such a record
   */
  reinstatementFacts(sql: Sql, user: UserId, recorded: boolean): Promise<ReinstatementFacts>;
  /**
   * What stands in the way of taking back these applied changes now; changes that nothing hinders are left out.
   * Judged as if the other changes of the list were taken back too: `slot-full` only once the seats are used up.
   */
  undoObstacles(sql: Sql, changes: readonly AppliedChange[]): Promise<UndoObstacle[]>;
  /** What the host needs once after an operation that changed something, as caches to be emptied; not every host does. */
  refresh?(): Promise<void>;
  /** The kinds that this host can carry out; a plan with any other is a bug. */
  readonly effects: Readonly<Partial<Record<ChangeKind, HostEffect>>>;
}
