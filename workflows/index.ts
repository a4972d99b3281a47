export { applyChunk } from './apply-chunk.ts';
export {
  deleteDueUsers,
  deleteGroup,
  deleteUser,
  deleteUsers,
  reinstateUser,
  removeCoursesFromGroup,
  removeCoursesFromPath,
  removeFromGroup,
  removePathsFromGroup,
  undoOperation,
  updateProfiles,
} from './operations.ts';
