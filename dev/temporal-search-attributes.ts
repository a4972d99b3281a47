import type { Connection } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import { devError } from './dev-errors.ts';

/** The kinds of search attributes that Temporal knows. */
export type SearchAttributeKind = 'Text' | 'Keyword' | 'KeywordList' | 'Int' | 'Double' | 'Bool' | 'Datetime';
export type SearchAttributes = Readonly<Record<string, SearchAttributeKind>>;

// As they go over the wire (IndexedValueType of the Temporal API).
const types: Record<SearchAttributeKind, number> = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
};

/** How gRPC says no. */
const codes = {
  INVALID_ARGUMENT: 3,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  UNIMPLEMENTED: 12,
} as const;
type Code = keyof typeof codes;

/** Not for us to ask, as it is on Temporal Cloud; and, when registering, more than the server has room for. */
const unserved: readonly Code[] = ['PERMISSION_DENIED', 'UNIMPLEMENTED'];
const refusals: readonly Code[] = [
  ...unserved,
  'INVALID_ARGUMENT',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
];

/**
 * Registers what is missing, through the API: the dev server's own `--search-attribute` does nothing for a
 * database file that exists already. Where they are there already nothing is asked of the server that it might refuse: on
 * Temporal Cloud, and where roles are told apart, somebody else registers them.
 *
 * @throws DevError SEARCH_ATTRIBUTE when one is there with another type, or is missing and cannot be registered: with the commands
 *   that do it
 */
export async function ensureSearchAttributes(
  connection: Connection,
  namespace: string,
  wanted: SearchAttributes,
): Promise<void> {
  const missing = await missingOf(connection, namespace, wanted);
  if (Object.keys(missing).length === 0) return;
  const searchAttributes = Object.fromEntries(
    Object.entries(missing).map(([name, kind]) => [name, types[kind]]),
  );
  try {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    // Another worker may have been first.
    if (says(error, ['ALREADY_EXISTS'])) return;
    if (says(error, refusals)) throw notRegistered(namespace, missing, error);
    throw error;
  }
}

/** Whether the server answers queries by all of them: it takes up new ones a moment later. */
export async function searchAttributesUsable(
  connection: Connection,
  namespace: string,
  wanted: SearchAttributes,
): Promise<boolean> {
  const names = Object.keys(wanted);
  return names.length === 0 || countBy(connection, namespace, names).catch(() => false);
}

/** Whether the server takes a query by these attributes. @throws what is wrong beside that */
async function countBy(
  connection: Connection,
  namespace: string,
  names: readonly string[],
): Promise<boolean> {
  const query = names.map((name) => `${name} is null`).join(' and ');
  try {
    await connection.workflowService.countWorkflowExecutions({ namespace, query });
    return true;
  } catch (error) {
    if (says(error, ['INVALID_ARGUMENT'])) return false;
    throw error;
  }
}

async function missingOf(
  connection: Connection,
  namespace: string,
  wanted: SearchAttributes,
): Promise<SearchAttributes> {
  const present = await listed(connection, namespace);
  if (present === null) return missingByQuery(connection, namespace, wanted);
  const missing: Record<string, SearchAttributeKind> = {};
  for (const [name, kind] of Object.entries(wanted)) {
    if (present[name] === undefined) missing[name] = kind;
    else if (types[kind] !== present[name]) throw otherType(name, kind);
  }
  return missing;
}

/** Null where the list is not for us to see. */
async function listed(
  connection: Connection,
  namespace: string,
): Promise<Readonly<Record<string, number>> | null> {
  try {
    return (await connection.operatorService.listSearchAttributes({ namespace })).customAttributes;
  } catch (error) {
    if (says(error, unserved)) return null;
    throw error;
  }
}

/** A query by an attribute tells whether it is there, to whoever may list workflows. */
async function missingByQuery(
  connection: Connection,
  namespace: string,
  wanted: SearchAttributes,
): Promise<SearchAttributes> {
  const missing: Record<string, SearchAttributeKind> = {};
  for (const [name, kind] of Object.entries(wanted)) {
    if (!(await countBy(connection, namespace, [name]))) missing[name] = kind;
  }
  return missing;
}

function says(error: unknown, expected: readonly Code[]): boolean {
  return isGrpcServiceError(error) && expected.some((name) => codes[name] === (error.code as number));
}

function notRegistered(namespace: string, missing: SearchAttributes, cause: unknown): Error {
  const all = Object.entries(missing);
  const names = all.map(([name, kind]) => `${name} (${kind})`).join(', ');
  const why = cause instanceof Error ? cause.message : String(cause);
  const own = all.map(([name, kind]) => `--name ${name} --type ${kind}`).join(' ');
  const cloud = all.map(([name, kind]) => `--search-attribute ${name}=${kind}`).join(' ');
  return devError(
    'SEARCH_ATTRIBUTE',
    `The namespace ${namespace} has no search attributes ${names}, and Temporal does not let this worker register them: ${why}`,
    [
      'Let somebody who may do so register them, once, and start the worker again.',
      `On a server of your own: temporal operator search-attribute create --namespace ${namespace} ${own}`,
      `On Temporal Cloud: tcld namespace search-attributes add --namespace ${namespace} ${cloud}`,
    ].join('\n'),
    cause,
  );
}

function otherType(name: string, kind: SearchAttributeKind): Error {
  const problem = `The search attribute ${name} is registered with another type than ${kind}.`;
  return devError('SEARCH_ATTRIBUTE', problem, 'Remove it from that Temporal, or begin anew: start --fresh.');
}
