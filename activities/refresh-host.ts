import type { Dependencies } from './dependencies.ts';
import { describeError } from '../database/describe-error.ts';

/**
 * What the host needs once after an operation that changed something. That it fails does not undo what was done: it becomes
 * a warning of the result.
 *
 * @returns the warnings
 */
export async function refreshHost({ host }: Pick<Dependencies, 'host'>): Promise<{ warnings: string[] }> {
  try {
    await host.refresh?.();
    return { warnings: [] };
  } catch (error) {
    return { warnings: [`the host's caches were not emptied: ${describeError(error)}`] };
  }
}
