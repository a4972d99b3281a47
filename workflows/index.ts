export { deleteUser } from './delete-user.ts';
export { undoOperation } from './undo-operation.ts';
