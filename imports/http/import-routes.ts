import multipart from '@fastify/multipart';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { checkUpload } from '../../activities/check-upload.ts';
import type { CheckDependencies } from '../../activities/check-upload.ts';
import { findUser } from '../../activities/find-user.ts';
import { makeTemplate } from '../../activities/make-template.ts';
import { Refusal } from '../../contracts/failures.ts';
import type { UserId } from '../../contracts/ids.ts';
import { describeError } from '../../database/describe-error.ts';
import { HttpProblem, asHttpProblem, parsedBody, refused, sendProblem } from '../../http/http-problem.ts';
import { holderOfRequest, requireToken } from '../../http/require-token.ts';
import type { HttpToken } from '../../http/tokens.ts';
import { findImport, startsOf } from '../../ledger/imports.ts';
import { ImportRefused } from '../import-refused.ts';
import { searchSchema, startSchema, templateSchema } from './bodies.ts';
import * as api from './openapi.ts';
import { receiveUpload } from './receive-upload.ts';
import { startImport } from './start-import.ts';
import type { StartDependencies } from './start-import.ts';
import { uploadLimits } from './upload-limits.ts';
import type { UploadLimits } from './upload-limits.ts';
import { xlsxType } from './xlsx-type.ts';

/** What the routes need; what the command line's check and start need too, and who may come in. */
export interface ImportRoutesOptions extends CheckDependencies, StartDependencies {
  tokens: readonly HttpToken[];
  uploads?: UploadLimits;
}

/**
 * Imports by spreadsheet over HTTP (I-01 to I-07), as a fastify plugin: the same templates, checks and starts as the command line's,
 * for programs that hold a token. Errors are problem documents (RFC 9457). The routes are described in openapi.ts.
 */
export async function importRoutes(app: FastifyInstance, options: ImportRoutesOptions): Promise<void> {
  requireToken(app, options.tokens, 'imports');
  app.setErrorHandler(async (error: Error, request, reply) => {
    const problem = problemOf(error);
    if (problem.statusCode >= 500) request.log.error({ problem: describeError(error) }, 'a request failed');
    await sendProblem(request, reply, problem);
  });
  await app.register(multipart);
  app.get('/imports/activities', { config: api.findActivities }, (request) =>
    findActivities(options, request),
  );
  app.post('/imports/templates', { config: api.makeTemplate }, (request, reply) =>
    sendTemplate(options, request, reply),
  );
  app.post('/imports', { config: api.checkUpload }, checking(options));
  app.get<Named>('/imports/:id', { config: api.showImport }, ({ params }) => showImport(options, params.id));
  app.post<Named>('/imports/:id/start', { config: api.startImport }, async (request, reply) => {
    const asked = parsedBody(startSchema, request.body);
    const requestedBy = await requesterOf(options, asked.requestedBy);
    const holder = holderOfRequest(request);
    const started = await startImport(options, request.params.id, { ...asked, requestedBy }, holder);
    return reply.code(202).send(started);
  });
}

/** A route that names an import. */
interface Named {
  Params: { id: string };
}

function problemOf(error: Error): HttpProblem {
  if (error instanceof ImportRefused) return refused(error, { problems: error.problems });
  return asHttpProblem(error);
}

async function findActivities({ database, host }: ImportRoutesOptions, { query }: FastifyRequest) {
  const { text, limit } = parsedBody(searchSchema, query);
  return { activities: await database.transaction((sql) => host.catalogue.search(sql, text, limit)) };
}

async function sendTemplate(
  options: ImportRoutesOptions,
  { body }: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { group, ...asked } = parsedBody(templateSchema, body);
  const { marker, xlsx } = await makeTemplate(options, { ...asked, group });
  return reply
    .type(xlsxType)
    .header('content-disposition', `attachment; filename="${marker.action}.xlsx"`)
    .send(xlsx);
}

/** Takes uploads in and checks them, only so many at a time: each check may take the memory of a thread. */
function checking(options: ImportRoutesOptions) {
  const { timeoutMs, together } = options.uploads ?? uploadLimits;
  let underWay = 0;
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (underWay >= together) throw new HttpProblem(503, 'Other files are being checked: try again.');
    underWay++;
    try {
      const { bytes, file, requestedBy } = await receiveUpload(request, options.parse.limits, timeoutMs);
      const checkedBy = requestedBy === null ? null : await requesterOf(options, requestedBy);
      const report = await checkUpload(options, { bytes, file, checkedBy });
      return await reply
        .code(201)
        .header('location', `${request.routeOptions.url}/${report.import}`)
        .send(report);
    } finally {
      underWay--;
    }
  };
}

/** Who asks, by id: no email may go to Temporal. What the user may do is for the operation to say. */
async function requesterOf(options: ImportRoutesOptions, ref: string): Promise<UserId> {
  const user = await findUser(options, ref);
  if (user === null) throw new Refusal('NotAuthorized', 'requestedBy: there is no such user');
  return user;
}

async function showImport({ database }: ImportRoutesOptions, id: string) {
  return database.transaction(async (sql) => {
    const checked = await findImport(sql, id);
    if (!checked) throw new Refusal('NotFound', `There is no import ${id}.`);
    return { ...checked.report, checkedBy: checked.checkedBy, operations: await startsOf(sql, id) };
  });
}
