export { applyChunk } from './apply-chunk.ts';
export {
  deleteDueUsers,
  deleteUser,
  deleteUsers,
  reinstateUser,
  removeFromGroup,
  undoOperation,
} from './operations.ts';
