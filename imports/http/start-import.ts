import type { Client } from '@temporalio/client';
import { runOfImport } from '../../activities/run-of-import.ts';
import { operationOf, startOperation } from '../../client/start-operation.ts';
import { temporalExecutions } from '../../client/executions.ts';
import { Refusal } from '../../contracts/failures.ts';
import type { Database } from '../../database/pool.ts';
import { findImport, runsOf } from '../../ledger/imports.ts';
import type { StartBody } from './bodies.ts';

/** What a start needs. */
export interface StartDependencies {
  database: Database;
  client: Client;
  taskQueue?: string | undefined;
}

/** An import that is under way, or has been run. */
export interface Started {
  operation: string;
  workflowId: string;
}

/**
 * Starts a checked import (I-07), or finds the operation that did: an import is run once, whoever asks how often.
 *
 * @param holder the program that asks
 * @throws Refusal NotFound, InvalidInput when the check has let in no line
 */
export async function startImport(
  { database, client, taskQueue }: StartDependencies,
  id: string,
  asked: StartBody,
  holder: string,
): Promise<Started> {
  const { checked, runs } = await database.transaction(async (sql) => ({
    checked: await findImport(sql, id),
    runs: await runsOf(sql, id, ''),
  }));
  if (!checked) throw new Refusal('NotFound', `There is no import ${id}.`);
  if (checked.report.will.users === 0) {
    throw new Refusal('InvalidInput', 'The check has let in no line of the file: there is nothing to start.');
  }
  const run = await runOfImport({ executions: temporalExecutions(client) }, runs);
  if (run) return { operation: run.id, workflowId: run.workflowId };
  const handle = await startOperation(client, {
    workflow: 'runImport',
    input: { ...asked, import: checked.id },
    trigger: 'http',
    through: `the program ${holder}`,
    // Until the operation stands in the ledger, this is what tells it.
    key: checked.id,
    taskQueue,
  });
  return { operation: await operationOf(handle), workflowId: handle.workflowId };
}
