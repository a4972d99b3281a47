import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { ReportFormat } from '../../contracts/reports.ts';
import { isSigned } from '../link.ts';
import { formatOfFile, reportPath } from '../report-files.ts';

export interface DownloadOptions {
  /** Where the reports lie. */
  directory: string;
  /** What links are signed with. */
  secret: string;
}

const types: Readonly<Record<ReportFormat, string>> = {
  csv: 'text/csv; charset=utf-8; header=present',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
};

interface DownloadRoute {
  Params: { id: string };
  Querystring: { expires?: unknown; signature?: unknown };
}

const openapi = {
  summary: 'A report, by the signed link that was mailed',
  parameters: ['id', 'expires', 'signature'].map((name) => {
    return { name, in: name === 'id' ? 'path' : 'query', required: true, schema: { type: 'string' } };
  }),
  responses: {
    '200': { description: 'The report, CSV or xlsx' },
    '403': { description: 'The link was not made here, or has been changed' },
    '404': { description: 'The report is no longer there' },
    '410': { description: 'The link has expired' },
  },
};

/**
 * `GET /downloads/:id?expires=…&signature=…`: a report, to whoever has a link to it (P-03). 403 for a link that was not made here,
 * 410 for one that has expired, 404 where the file is gone.
 */
export function downloadRoutes({ directory, secret }: DownloadOptions): FastifyPluginAsync {
  return (app) => {
    app.get<DownloadRoute>(
      '/downloads/:id',
      { logLevel: 'error', errorHandler, config: { openapi } },
      ({ params, query }, reply) => {
        guard(reply);
        const { expires, signature } = query;
        const format = formatOfFile(params.id);
        const claim = {
          file: params.id,
          expires: typeof expires === 'string' ? Number(expires) : Number.NaN,
        };
        const valid = typeof signature === 'string' && isSigned(secret, claim, signature);
        if (!valid || format === null) return refuse(reply, 403, 'This link is not valid.');
        if (claim.expires * 1000 <= Date.now()) return refuse(reply, 410, 'This link has expired.');
        return send(reply, format, reportPath(directory, claim));
      },
    );
    return Promise.resolve();
  };
}

/** The URL is the key to the file: neither requests nor failures are logged with it. */
function errorHandler(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  request.log.error({ reason: error.code }, 'a download failed');
  void refuse(reply, 500, 'The report cannot be read at the moment.');
}

/** A report is nobody's to keep, to guess the type of, to run or to show inside of another page. */
function guard(reply: FastifyReply): void {
  void reply.headers({
    'cache-control': 'private, no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'referrer-policy': 'no-referrer',
  });
}

async function send(reply: FastifyReply, format: ReportFormat, path: string): Promise<FastifyReply> {
  const file = await opened(path);
  if (!file) return refuse(reply, 404, 'This report is no longer there.');
  const { size } = await file.stat();
  return reply
    .type(types[format])
    .header('content-length', size)
    .header('content-disposition', `attachment; filename="users.${format}"`)
    .send(file.createReadStream());
}

async function opened(path: string): Promise<FileHandle | null> {
  try {
    return await open(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${message}\n`);
}
