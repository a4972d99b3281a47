export { applyChunk } from './apply-chunk.ts';
export { notify } from './notify.ts';
export {
  copyActivity,
  deleteDueUsers,
  deleteGroup,
  deleteUser,
  deleteUsers,
  reconcileQualifications,
  reinstateUser,
  removeCoursesFromGroup,
  removeCoursesFromPath,
  removeFromGroup,
  removePathsFromGroup,
  removeRegistrations,
  runImport,
  undoOperation,
  unenrolUsers,
  updateProfiles,
} from './operations.ts';
export { runReport } from './run-report.ts';
