import type { z } from 'zod';
import { exampleInputs } from '../contracts/examples.ts';
import { Refusal } from '../contracts/failures.ts';
import { operationSchemas } from '../contracts/operations.ts';
import type { OperationKind } from '../contracts/operations.ts';

/** An input as the schema of its operation reads it, or what is wrong with it. */
export function parseInput<Kind extends OperationKind>(
  kind: Kind,
  input: unknown,
): z.ZodSafeParseResult<z.infer<(typeof operationSchemas)[Kind]>> {
  const schema: z.ZodType = operationSchemas[kind];
  return schema.safeParse(input, { error: inPlainWords }) as ReturnType<typeof parseInput<Kind>>;
}

/** A long list can have as many problems as lines; nobody reads them all. */
const told = 50;

/** Every problem of an input with its path, and an input as it should be. */
export function inputRefused(kind: OperationKind, { issues }: z.ZodError): Refusal {
  const problems = issues.flatMap((issue) => problemsOf(issue));
  const more = problems.length > told ? [`and ${problems.length - told} more`] : [];
  const example = JSON.stringify(exampleInputs[kind]);
  const text = [...problems.slice(0, told), ...more].join('; ');
  return new Refusal('InvalidInput', `${text}. For example: ${example}`);
}

function problemsOf(issue: z.core.$ZodIssue, inside: readonly PropertyKey[] = []): string[] {
  const path = [...inside, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${textOf([...path, key])}: is not known here`);
  const meant = issue.code === 'invalid_union' ? issue.errors.filter(fitsOutside) : [];
  const [only, ...others] = meant;
  return only && others.length === 0
    ? only.flatMap((nested) => problemsOf(nested, path))
    : [`${textOf(path)}: ${issue.message}`];
}

/** Of the forms that a value may have, those that it is meant to have: a list of users that has a slip in it is still a list. */
function fitsOutside(issues: readonly z.core.$ZodIssue[]): boolean {
  return !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0);
}

/** Names that nobody would give to a member are not repeated: what was typed there may be an email. */
function textOf(path: readonly PropertyKey[]): string {
  return ['input', ...path.map((name) => (/^[\w-]{1,50}$/.test(String(name)) ? String(name) : '…'))].join(
    '.',
  );
}

/** What zod would say, for people who have typed the input into a form; undefined where zod says it well enough. */
function inPlainWords(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return 'is missing';
  if (issue.code === 'invalid_type')
    return `must be ${expectations[issue.expected]}, not ${kindOf(issue.input)}`;
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
  if (issue.code === 'too_small' && issue.origin !== 'number') return 'is empty';
  return undefined;
}

const expectations: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'one JSON object',
};

/** Texts are not repeated: they may be emails or names. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
