export { applyChunk } from './apply-chunk.ts';
export {
  deleteDueUsers,
  deleteUser,
  deleteUsers,
  reinstateUser,
  removeCoursesFromGroup,
  removeCoursesFromPath,
  removeFromGroup,
  removePathsFromGroup,
  undoOperation,
} from './operations.ts';
