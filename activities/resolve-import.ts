import type { Dependencies } from './dependencies.ts';
import { importOperations } from './import-operations.ts';
import { runOfImport } from './run-of-import.ts';
import type { JsonObject } from '../contracts/changes.ts';
import { Refusal } from '../contracts/failures.ts';
import { operationSchemas } from '../contracts/operations.ts';
import type { OperationKind } from '../contracts/operations.ts';
import { findImport, runsOf } from '../ledger/imports.ts';
import type { CheckedImport } from '../ledger/imports.ts';

/** An operation as it was asked for, and, where it is an import, what that comes to. */
export interface Asked {
  kind: OperationKind;
  input: unknown;
  /** The import that it runs. */
  import: string | null;
  /** Why it cannot run it. */
  refusal: Refusal | null;
}

/**
 * What `runImport` stands for: the operation of the import's action, with the lines that the check let in. From here on nothing
 * knows of the import any more. All other operations are what they are.
 *
 * An import is run once: what it shows is the day of its check, and the same file asks for something else later.
 */
export async function resolveImport(
  deps: Dependencies,
  operation: string,
  { kind, input }: { kind: OperationKind; input: unknown },
): Promise<Asked> {
  const asked = kind === 'runImport' ? operationSchemas.runImport.safeParse(input).data : undefined;
  if (!asked) return { kind, input, import: null, refusal: null };
  const refused = (type: Refusal['type'], message: string, known: string | null = null): Asked => ({
    ...{ kind, input, import: known },
    refusal: new Refusal(type, `input.import: ${message}`),
  });
  const { checked, runs } = await deps.database.transaction(async (sql) => ({
    checked: await findImport(sql, asked.import),
    runs: await runsOf(sql, asked.import, operation),
  }));
  if (!checked) return refused('NotFound', 'there is no such import');
  if (checked.report.will.users === 0) {
    return refused('InvalidInput', 'the check has let in no line of it', checked.id);
  }
  const run = await runOfImport(deps, runs);
  if (run) {
    const ended = run.state === 'done';
    const problem = `it has been ${ended ? 'run' : 'started'} by operation ${run.id}: check the file again`;
    return refused(ended ? 'InvalidInput' : 'OperationInProgress', problem, checked.id);
  }
  return {
    kind: importOperations[checked.action],
    input: inputOf(input, checked),
    import: checked.id,
    refusal: null,
  };
}

/** What everybody gives, the list, and what the action is given. */
function inputOf(given: unknown, { id, input }: CheckedImport): JsonObject {
  const { import: _, ...common } = given as JsonObject;
  return { ...common, ...input, list: id };
}
