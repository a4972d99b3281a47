import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { isTransient } from '../database/transient-errors.ts';

/** Whether the database or Temporal could not be asked, so that the same request may succeed later. */
export function unreachable(error: Error): boolean {
  return isTransient(error) || error instanceof ServiceError || isGrpcServiceError(error);
}
