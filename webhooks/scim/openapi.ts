import type { FastifyContextConfig } from 'fastify';
import { listOf, maxResults, userSchemaId } from './documents.ts';
import { patchSchemaId } from './read-change.ts';
import { scimType } from './scim-error.ts';
import { userResource } from './user-resource.ts';

/** A route as the server's own description has it (composition/openapi.ts). */
type Described = Required<Pick<FastifyContextConfig, 'openapi'>>;

const text = { type: 'string' };
const texts = { type: 'array', items: text };
const whole = { type: 'integer' };
const content = (schema: object, example?: object): object => ({
  [scimType]: { schema, ...(example && { example }) },
});
const inQuery = (schemas: Record<string, object>): object[] =>
  Object.entries(schemas).map(([name, schema]) => ({ name, in: 'query', schema }));

const errorSchema = {
  type: 'object',
  description: 'RFC 7644 §3.12',
  properties: { schemas: texts, scimType: text, detail: text, status: text },
};
const error = (description: string): { description: string; content: object } => ({
  description,
  content: content(errorSchema),
});
const closed = {
  '401': error('No bearer token, or an unknown one'),
  '403': error('No token is set up, or this one is for other routes'),
};
const away = { '503': error('The database is away: ask again; nothing was accepted') };

const ada = userResource(
  { id: 'ada', userName: 'ada@example.org', email: 'ada@example.org' },
  true,
  'https://lms.example.org/scim/v2',
);
const user = content({ type: 'object', description: 'RFC 7643 §4.1, as far as it is known here' }, ada);
const users = content({ type: 'object', description: 'RFC 7644 §3.4.2' }, listOf([ada]));
const id = { name: 'id', in: 'path', required: true, schema: text };
const part = { attributes: text, excludedAttributes: text };
const query = { filter: text, startIndex: whole, count: { ...whole, maximum: maxResults } };

/** What the service says of itself. */
export const showDocument: Described = {
  openapi: {
    summary: 'What this SCIM service is and can do (RFC 7644 §4)',
    responses: { '200': { description: 'The document', content: content({ type: 'object' }) }, ...closed },
  },
};

const listed = {
  '200': { description: 'Living accounts, at most a page of them', content: users },
  '400': error('Another filter than `id`, `userName` or `emails.value` with `eq`, or bad parameters'),
  ...closed,
  ...away,
};

export const listUsers: Described = {
  openapi: {
    summary: 'Look users up (RFC 7644 §3.4.2)',
    parameters: inQuery({ ...query, ...part }),
    responses: listed,
  },
};

export const searchUsers: Described = {
  openapi: {
    summary: 'Look users up, with the query in the body (RFC 7644 §3.4.3)',
    requestBody: {
      content: content({
        type: 'object',
        properties: { ...query, attributes: texts, excludedAttributes: texts },
      }),
    },
    responses: listed,
  },
};

const parameters = [id, ...inQuery(part)];
const gone = { '404': error('There is no such living account, or its deletion has been accepted') };

export const showUser: Described = {
  openapi: {
    summary: 'Read a user (RFC 7644 §3.4.1)',
    parameters,
    responses: { '200': { description: 'The user', content: user }, ...gone, ...closed, ...away },
  },
};

const deactivating = {
  parameters,
  responses: {
    '200': { description: 'The user, who is inactive from now on and deleted soon', content: user },
    '400': error('Anything else is asked for than active: false'),
    ...{ ...gone, ...closed, ...away, '403': error('As above, or the host protects the user (D-14)') },
  },
};
const setFalse = { schemas: [patchSchemaId], Operations: [{ op: 'replace', path: 'active', value: false }] };

export const patchUser: Described = {
  openapi: {
    summary: 'Set a user to inactive, which deletes the account (RFC 7644 §3.5.2)',
    requestBody: { required: true, content: content({ type: 'object' }, setFalse) },
    ...deactivating,
  },
};

export const putUser: Described = {
  openapi: {
    summary:
      'Set a user to inactive, which deletes the account (RFC 7644 §3.5.1); other attributes are left aside',
    requestBody: {
      required: true,
      content: content(
        { type: 'object' },
        { schemas: [userSchemaId], userName: 'ada@example.org', active: false },
      ),
    },
    ...deactivating,
  },
};

export const deleteUser: Described = {
  openapi: {
    summary: 'Delete a user (RFC 7644 §3.6)',
    parameters: [id],
    responses: {
      '204': {
        description: 'It is in the inbox and will be carried out; the user is gone from here at once',
      },
      ...{ ...gone, ...closed, ...away, '403': error('As above, or the host protects the user (D-14)') },
    },
  },
};
