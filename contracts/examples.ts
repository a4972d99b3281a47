import type { JsonObject } from './changes.ts';
import type { OperationKind } from './operations.ts';

const requestedBy = '<your user id>';
const user = { id: '<user id>' };
/** An example that is pasted as it is shows what would happen, and changes nothing. */
const asked: JsonObject = { requestedBy, mode: 'preview' };
const registrations = [{ user, activity: '<course or path id>' }];

/** A right input of each operation, for people who look for one; what stands in `<…>` is theirs to fill in. */
export const exampleInputs: Readonly<Record<OperationKind, JsonObject>> = {
  deleteUser: { user, ...asked },
  deleteUsers: { users: [user, { id: '<another user id>' }], ...asked },
  deleteDueUsers: asked,
  reinstateUser: { user, ...asked },
  removeFromGroup: { group: '<group id>', users: [user], ...asked },
  deleteGroup: { group: '<group id>', ...asked },
  removeCoursesFromGroup: { group: '<group id>', courses: ['<course id>'], ...asked },
  removePathsFromGroup: { group: '<group id>', paths: ['<path id>'], ...asked },
  removeCoursesFromPath: { path: '<path id>', courses: ['<course id>'], ...asked },
  updateProfiles: { profiles: [{ user, profile: { country: 'BE' } }], ...asked },
  unenrolUsers: { registrations, ...asked },
  removeRegistrations: { registrations, ...asked },
  reconcileQualifications: asked,
  copyActivity: { activity: '<activity id>', newOwner: user, ...asked },
  runImport: { import: '<id of a checked upload>', ...asked },
  runReport: { report: 'users', format: 'csv', requestedBy },
  undoOperation: { operation: '<operation id>', ...asked },
};
