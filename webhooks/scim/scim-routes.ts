import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError } from '../../database/describe-error.ts';
import { holderOfRequest, requireToken } from '../../http/require-token.ts';
import type { HttpToken } from '../../http/tokens.ts';
import type { DepartureKind } from '../../ledger/departures.ts';
import { acceptDeparture, visibleUser } from './departure.ts';
import type { DepartureDependencies, VisibleUser } from './departure.ts';
import { listOf, serviceProviderConfig, userResourceType, userSchema, userSchemaId } from './documents.ts';
import { listUsers, readWanted } from './list-users.ts';
import * as api from './openapi.ts';
import { requireDeactivation, requireInactive } from './read-change.ts';
import { ScimError, scimType, sendScimError } from './scim-error.ts';
import { partOf, userResource } from './user-resource.ts';

export interface ScimRoutesOptions extends DepartureDependencies {
  tokens: readonly HttpToken[];
}

const prefix = '/scim/v2';

/**
 * SCIM 2.0 (RFC 7643, RFC 7644) as a fastify plugin, so that an identity provider can take people out of service: users are read,
 * deleted, and set to inactive, which deletes them too; nothing else can be done. What is answered with success is in the
 * inbox by then, and cannot be lost.
 */
export async function scimRoutes(app: FastifyInstance, options: ScimRoutesOptions): Promise<void> {
  // Addresses hold what users are looked up by: requests are not logged.
  await app.register((scim) => scimService(scim, options), { prefix, logLevel: 'warn' });
}

async function scimService(app: FastifyInstance, options: ScimRoutesOptions): Promise<void> {
  requireToken(app, options.tokens, 'scim');
  app.addContentTypeParser(scimType, { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'));
  app.setErrorHandler(async (error: Error, request, reply) => {
    if (!('statusCode' in error))
      request.log.error({ problem: describeError(error) }, 'a SCIM request failed');
    await sendScimError(reply, error);
  });
  app.setNotFoundHandler((_, reply) =>
    sendScimError(reply, new ScimError(404, 'There is no such endpoint.')),
  );
  addDocuments(app);
  addUsers(app, options);
  for (const [method, url] of unsupported) {
    app.route({
      method,
      url,
      handler: () => Promise.reject(new ScimError(501, 'That is not supported here.')),
    });
  }
  return Promise.resolve();
}

/** What the RFC knows and this service does not; users come from the LMS itself. */
const unsupported = [
  ['POST', '/Users'],
  ['POST', '/Bulk'],
  [['GET', 'POST', 'PUT', 'PATCH', 'DELETE'], '/Me'],
] as const satisfies [string | string[], string][];

/** RFC 7644 §4. */
function addDocuments(app: FastifyInstance): void {
  const documents = {
    '/ServiceProviderConfig': serviceProviderConfig,
    '/ResourceTypes/User': userResourceType,
    [`/Schemas/${userSchemaId}`]: userSchema,
    '/ResourceTypes': (base: string) => listOf([userResourceType(base)]),
    '/Schemas': (base: string) => listOf([userSchema(base)]),
  };
  for (const [url, document] of Object.entries(documents)) {
    // A colon in a path stands for itself when it is doubled.
    app.get(url.replaceAll(':', '::'), { config: api.showDocument }, (request, reply) => {
      const { filter } = request.query as { filter?: unknown };
      if (filter !== undefined)
        throw new ScimError(403, 'What the service says of itself cannot be filtered.');
      return answer(reply, document(baseOf(request)));
    });
  }
}

/** A route that names a user. */
interface Named {
  Params: { id: string };
}

function addUsers(app: FastifyInstance, options: ScimRoutesOptions): void {
  const { database, host } = options;
  const list = (request: FastifyRequest, reply: FastifyReply, query: unknown): Promise<FastifyReply> =>
    database.transaction(async (sql) => answer(reply, await listUsers(sql, host, query, baseOf(request))));
  const depart = (request: FastifyRequest<Named>, kind: DepartureKind): Promise<VisibleUser> =>
    acceptDeparture(options, request.params.id, kind, holderOfRequest(request));
  const deactivate = (check: (body: unknown) => void) => {
    return async (request: FastifyRequest<Named>, reply: FastifyReply): Promise<FastifyReply> => {
      check(request.body);
      return answerUser(request, reply, await depart(request, 'scim.deactivated'));
    };
  };
  app.get('/Users', { config: api.listUsers }, (request, reply) => list(request, reply, request.query));
  app.post('/Users/.search', { config: api.searchUsers }, (request, reply) =>
    list(request, reply, request.body ?? {}),
  );
  app.get<Named>('/Users/:id', { config: api.showUser }, async (request, reply) => {
    const user = await database.transaction((sql) => visibleUser(sql, host, request.params.id));
    return answerUser(request, reply, user);
  });
  app.patch<Named>('/Users/:id', { config: api.patchUser }, deactivate(requireDeactivation));
  app.put<Named>('/Users/:id', { config: api.putUser }, deactivate(requireInactive));
  app.delete<Named>('/Users/:id', { config: api.deleteUser }, async (request, reply) => {
    await depart(request, 'scim.deleted');
    return reply.code(204).send();
  });
}

function answerUser(
  request: FastifyRequest,
  reply: FastifyReply,
  { account, active }: VisibleUser,
): FastifyReply {
  const user = userResource(account, active, baseOf(request));
  return answer(
    reply.header('content-location', user.meta.location),
    partOf(user, readWanted(request.query)),
  );
}

function answer(reply: FastifyReply, document: object): FastifyReply {
  return reply.type(scimType).send(JSON.stringify(document));
}

function baseOf({ protocol, host }: FastifyRequest): string {
  return `${protocol}://${host}${prefix}`;
}
