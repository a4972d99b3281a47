import type { FastifyContextConfig } from 'fastify';
import { z } from 'zod';
import { importActions } from '../../contracts/imports.ts';
import { searchSchema, startSchema, templateSchema } from './bodies.ts';
import { xlsxType } from './xlsx-type.ts';

/** A route as the server's own description has it (composition/openapi.ts). */
type Described = Required<Pick<FastifyContextConfig, 'openapi'>>;

const json = (schema: object): object => ({ 'application/json': { schema } });
const body = (schema: z.ZodType): object => ({
  required: true,
  content: json(z.toJSONSchema(schema, { io: 'input' })),
});

const problemSchema = {
  type: 'object',
  description: 'RFC 9457; failure is one of the failure types, problems says more where there is more',
  properties: {
    type: { type: 'string', format: 'uri-reference' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    failure: { type: 'string' },
    problems: {},
  },
};
const problem = (description: string): { description: string; content: object } => ({
  description,
  content: { 'application/problem+json': { schema: problemSchema } },
});
const closed = {
  '401': problem('No bearer token, or an unknown one'),
  '403': problem('No token is set up, or requestedBy is nobody'),
};

const text = { type: 'string' };
const textOrNull = { type: ['string', 'null'] };
const count = { type: 'integer' };
const object = (properties: object): object => ({ type: 'object', properties });
const bounded = (properties: object): object => ({
  ...object({ count, first: { type: 'array', items: object(properties) } }),
  description: 'How many there are, and the first of them',
});
const checkProperties = {
  ...{ import: text, file: text, sheet: text, action: { enum: importActions }, group: textOrNull },
  includePrivateSubgroups: { type: 'boolean' },
  activities: { type: 'array', items: text },
  will: object({ users: count, registrations: { type: ['integer', 'null'] } }),
  cannot: bounded({
    ...{ row: count, column: textOrNull, ref: text, user: text },
    ...{ activity: textOrNull, type: text, message: text },
  }),
  problems: bounded({
    ...{ sheet: textOrNull, row: { type: ['integer', 'null'] }, column: textOrNull, message: text },
  }),
};
const started = { operation: text, workflowId: text };
const run = {
  id: text,
  workflowId: text,
  state: text,
  openedAt: text,
  failure: { type: ['object', 'null'] },
};
const id = { name: 'id', in: 'path', required: true, schema: text };

export const findActivities: Described = {
  openapi: {
    summary: 'Find courses and paths by title or id (I-02)',
    parameters: Object.entries(z.toJSONSchema(searchSchema, { io: 'input' }).properties ?? {}).map(
      ([name, schema]) => ({ name, in: 'query', schema }),
    ),
    responses: { '200': { description: 'The activities' }, '422': problem('Bad parameters'), ...closed },
  },
};

export const makeTemplate: Described = {
  openapi: {
    summary: 'Make a spreadsheet to fill in (I-01, I-03)',
    description: `action is one of ${importActions.join(', ')}.`,
    requestBody: body(templateSchema),
    responses: {
      '200': { description: 'The template', content: { [xlsxType]: {} } },
      '404': problem('No such activity or group'),
      '422': problem('What does not go together'),
      ...closed,
    },
  },
};

const form = {
  type: 'object',
  required: ['file'],
  properties: {
    file: { type: 'string', contentMediaType: xlsxType },
    requestedBy: { type: 'string', description: 'Whose rights are looked at: a user by id or email' },
  },
};

export const checkUpload: Described = {
  openapi: {
    summary: 'Upload a filled template and have it checked; nothing changes (I-05, I-06)',
    requestBody: { required: true, content: { 'multipart/form-data': { schema: form } } },
    responses: {
      '201': { description: 'The check in three lists', content: json(object(checkProperties)) },
      '400': problem('Another form'),
      '413': problem('Too large, or too many parts'),
      '415': problem('Not a form'),
      '422': problem('Nothing of the file can be imported: every problem with sheet, row and column'),
      '503': problem('Other files are being checked'),
      ...closed,
    },
  },
};

export const showImport: Described = {
  openapi: {
    summary: 'What a check has found, and what became of its import',
    parameters: [id],
    responses: {
      '200': {
        description: 'The check, and the operations that were to run it',
        content: json(
          object({
            ...checkProperties,
            checkedBy: textOrNull,
            operations: { type: 'array', items: object(run) },
          }),
        ),
      },
      '404': problem('No such import'),
      ...closed,
    },
  },
};

export const startImport: Described = {
  openapi: {
    summary: 'Run what the check has shown, once (I-07)',
    parameters: [id],
    requestBody: body(startSchema),
    responses: {
      '202': {
        description: 'It is under way, or was run before: the same operation',
        content: json(object(started)),
      },
      '404': problem('No such import'),
      '422': problem('Bad input, or nothing to start'),
      '503': problem('Temporal cannot be reached'),
      ...closed,
    },
  },
};
