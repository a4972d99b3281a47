import { admitCopy } from './decide-copy.ts';
import { admitDueDeletion } from './decide-deletion.ts';
import { admitGroupDeletion } from './decide-group-deletion.ts';
import { admitLinkRemoval } from './decide-links.ts';
import { admitProfiles } from './decide-profiles.ts';
import { admitReconciliation } from './decide-qualifications.ts';
import { admitRegistrations } from './decide-registrations.ts';
import { admitRemoval } from './decide-removal.ts';
import type { OperationContext } from './planner.ts';
import type { OperationKind } from '../contracts/operations.ts';

/** What is checked about an operation as a whole, before its users. */
export const admissions: Readonly<
  Partial<Record<OperationKind, (context: OperationContext) => Promise<void>>>
> = {
  removeFromGroup: admitRemoval,
  deleteDueUsers: admitDueDeletion,
  deleteGroup: admitGroupDeletion,
  updateProfiles: admitProfiles,
  removeCoursesFromGroup: admitLinkRemoval,
  removePathsFromGroup: admitLinkRemoval,
  removeCoursesFromPath: admitLinkRemoval,
  unenrolUsers: admitRegistrations,
  removeRegistrations: admitRegistrations,
  reconcileQualifications: admitReconciliation,
  copyActivity: admitCopy,
};
