/**
 * The types by which callers tell expected failures apart (spec: failure types). `Unexpected` is our own: the host refused
 * or broke in a way that no rule foresees, as for a user who was isolated.
 */
export type FailureType =
  | 'InvalidInput'
  | 'NotFound'
  | 'NotAuthorized'
  | 'PlatformOwnerProtected'
  | 'PrivateMembershipsRemain'
  | 'GroupHasSubgroups'
  | 'UsersWouldBeDeleted'
  | 'NoGroupLeft'
  | 'GuardExceeded'
  | 'PlanChanged'
  | 'OperationInProgress'
  | 'EmailTaken'
  | 'NoSeat'
  | 'NotRestorable'
  | 'NotRegistered'
  | 'AlreadyUnenrolled'
  | 'InvalidRow'
  | 'SchemaDrift'
  | 'NotUndoable'
  | 'ApprovalRejected'
  | 'ApprovalExpired'
  | 'Unexpected';

/** A refusal as data: the type, and a message that holds ids but never emails or names. */
export interface Problem {
  type: FailureType;
  message: string;
}

/**
 * An expected 'no'. Thrown inside the plugin and turned into an ApplicationFailure of the same type at the
 * activity's edge; never retried.
 */
export class Refusal extends Error {
  readonly type: FailureType;
  constructor(type: FailureType, message: string) {
    super(message);
    this.name = type;
    this.type = type;
  }
}
