import type { Attention, OperationResult } from '../../../contracts/operations.ts';
import type { World } from '../../../contracts/world.ts';
import { timeless } from '../../support/naive-batch.ts';
import { admin, world } from '../../support/world-builder.ts';
import { answerOf, recordOf } from './record.ts';
import type { LedgerRecord } from './record.ts';
import type { Handle, Site } from './site.ts';

/** `u-001` to `u-500` */
export function crewOf(size: number): string[] {
  return Array.from({ length: size }, (_, i) => `u-${String(i + 1).padStart(3, '0')}`);
}

/** Learners of one group, of whom every tenth is the author of a course. */
export function crewWorld(size: number): World {
  const crew = crewOf(size);
  return world({
    members: crew.map((user) => [user, 'learner', 'g-crew'] as const),
    courses: crew.filter((_, i) => i % 10 === 9).map((mainAuthor) => ({ id: `c-${mainAuthor}`, mainAuthor })),
  });
}

/** Starts the deletion of all of them. */
export function deleteCrew(site: Site, size: number, more: object = {}): Promise<Handle> {
  return site.start('deleteUsers', { users: crewOf(size), requestedBy: admin, maxShare: 1, ...more });
}

/** What an operation on the crew has come to, in words that are the same for each. */
export interface CrewEnding {
  answer: object;
  record: LedgerRecord;
  world: World;
}

export async function crewEnding(site: Site, handle: Handle, size: number): Promise<CrewEnding> {
  const answer = answerOf((await handle.result()) as OperationResult, 'nobody');
  const record = await recordOf(site.sql, handle.firstExecutionRunId, 'nobody');
  return { answer, record, world: timeless(await site.dump(), crewOf(size)) };
}

export function attentionOf(handle: Handle): Promise<Attention[]> {
  return handle.query<Attention[]>('attention');
}
