import { z } from 'zod';
import { userSchemaId } from './documents.ts';
import { ScimError } from './scim-error.ts';

export const patchSchemaId = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';

/** Names of members are compared without regard to case (RFC 7643 §2.1). */
const member = (object: Readonly<Record<string, unknown>>, name: string): unknown =>
  Object.entries(object).find(([key]) => key.toLowerCase() === name)?.[1];

const objectSchema = z.record(z.string(), z.unknown());

/**
 * Reads a PATCH (RFC 7644 §3.5.2), which may do one thing: set `active` to false. The forms are those that identity providers send:
 * with a path or without, `False` as text, operations in any case.
 *
 * @throws ScimError when it asks for anything else; then nothing of it is done
 */
export function requireDeactivation(body: unknown): void {
  const request = objectOf(body);
  const schemas = z.array(z.string()).safeParse(member(request, 'schemas')).data ?? [];
  if (!schemas.some((schema) => schema.toLowerCase() === patchSchemaId.toLowerCase())) {
    throw new ScimError(400, `schemas must hold ${patchSchemaId}.`, 'invalidSyntax');
  }
  const operations = z.array(objectSchema).min(1).safeParse(member(request, 'operations')).data;
  if (!operations) throw new ScimError(400, 'Operations must be a list that is not empty.', 'invalidSyntax');
  for (const operation of operations) requireOneDeactivation(operation);
}

/**
 * Reads a PUT (RFC 7644 §3.5.1), of which everything but `active` is read-only and so is left aside.
 *
 * @throws ScimError when `active` is not set to false
 */
export function requireInactive(body: unknown): void {
  requireFalse(member(objectOf(body), 'active'));
}

function requireOneDeactivation(operation: Readonly<Record<string, unknown>>): void {
  const op = member(operation, 'op');
  const kind = typeof op === 'string' ? op.toLowerCase() : '';
  if (!['add', 'replace', 'remove'].includes(kind)) {
    throw new ScimError(400, 'op must be add, remove or replace.', 'invalidSyntax');
  }
  if (kind === 'remove') throw onlyActive();
  const path = member(operation, 'path');
  const value = member(operation, 'value');
  if (path !== undefined && typeof path !== 'string') {
    throw new ScimError(400, 'path must be a text.', 'invalidPath');
  }
  if (path !== undefined && path.trim() !== '') {
    requireActive(path, value);
    return;
  }
  const members = Object.entries(objectSchema.safeParse(value).data ?? {});
  if (members.length === 0)
    throw new ScimError(400, 'Without a path, value must hold attributes.', 'invalidValue');
  for (const [name, part] of members) requireActive(name, part);
}

function requireActive(name: string, value: unknown): void {
  const plain = name.trim().toLowerCase();
  if (plain !== 'active' && plain !== `${userSchemaId.toLowerCase()}:active`) throw onlyActive();
  requireFalse(value);
}

function requireFalse(value: unknown): void {
  const given = typeof value === 'string' ? value.toLowerCase() : value;
  if (given === false || given === 'false') return;
  if (given === undefined || given === true || given === 'true') throw onlyActive();
  throw new ScimError(400, 'active must be true or false.', 'invalidValue');
}

function onlyActive(): ScimError {
  const detail =
    'This service takes users out of service and nothing else: only active may be set, to false.';
  return new ScimError(400, detail, 'mutability');
}

function objectOf(body: unknown): Readonly<Record<string, unknown>> {
  const parsed = objectSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new ScimError(400, 'The body must be a JSON object.', 'invalidSyntax');
}
