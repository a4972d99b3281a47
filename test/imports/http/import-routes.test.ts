import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImportReport } from '../../../contracts/imports.ts';
import { openDatabase } from '../../../database/pool.ts';
import { xlsxType } from '../../../imports/http/xlsx-type.ts';
import { openImporter } from '../../scenarios/import-steps.ts';
import type { Importer } from '../../scenarios/import-steps.ts';
import { urlAs } from '../../support/database-role.ts';
import { historyText } from '../../support/history-text.ts';
import { openLab, running } from '../../support/lab.ts';
import type { Lab } from '../../support/lab.ts';
import { admin, owner, world } from '../../support/world-builder.ts';
import { compiledThread } from '../support/thread.ts';
import { filled, formula } from '../support/workbook.ts';
import { formOf, leftovers, openImportServer, token } from './support/import-server.ts';
import type { ImportServer } from './support/import-server.ts';

let lab: Lab;
let importer: Importer;
let thread: Awaited<ReturnType<typeof compiledThread>>;
let server: ImportServer;
beforeAll(async () => {
  lab = await openLab();
  importer = await openImporter(lab);
  thread = await compiledThread();
  server = await openImportServer(lab, { parse: thread.parse });
});
afterAll(async () => {
  await server.close();
  await importer.close();
  await thread.remove();
  await lab.close();
});
beforeEach(() =>
  lab.load(
    world({
      users: ['ada', 'bob', 'cy'].map((id) => ({ id })),
      members: [['ada', 'learner', 'g-1']],
      courses: [{ id: 'c-1', title: 'Selling', mainAuthor: owner }],
      registrations: [{ user: 'ada', activity: 'c-1' }],
    }),
  ),
);

const email = (id: string): string => `${id}@example.org`;
const problem = (body: unknown) => body as { status: number; detail: string; failure?: string };

async function deletionOf(...ids: string[]): Promise<Buffer> {
  const template = await importer.template({ action: 'delete-users' });
  return filled(
    template,
    ids.map((id) => [email(id)]),
  );
}

/** Uploads a file; what the check has found. */
async function checked(file: Buffer, fields: Record<string, string> = {}): Promise<ImportReport> {
  const answer = await server.ask('/imports', { method: 'POST', body: formOf({ file }, fields) });
  expect(answer).toMatchObject({ status: 201 });
  return answer.body as ImportReport;
}

describe('templates', () => {
  it('I-02 activities are found by title or id', async () => {
    const { status, body } = await server.ask('/imports/activities?text=sell');
    expect({ status, body }).toEqual({
      status: 200,
      body: { activities: [{ id: 'c-1', type: 'course', title: 'Selling' }] },
    });
    expect(await server.ask('/imports/activities?limit=0')).toMatchObject({ status: 422 });
  });

  it('I-01 I-03 a template comes as a spreadsheet, which is then filled in and checked', async () => {
    const asked = { action: 'unenrol-users', activities: ['c-1'] };
    const made = await server.post('/imports/templates', asked);
    expect(made.status).toBe(200);
    expect(made.headers.get('content-type')).toBe(xlsxType);
    expect(made.headers.get('content-disposition')).toBe('attachment; filename="unenrol-users.xlsx"');
    const report = await checked(filled(made.body as Buffer, [[email('ada'), 'x']]));
    expect(report).toMatchObject({ activities: ['c-1'], will: { users: 1, registrations: 1 } });
  });

  it.each([
    [422, 'InvalidInput', { action: 'fire' }, 'action: fire is none of'],
    [422, 'InvalidInput', { activities: 'c-1', all: true }, 'action: is missing; activities: '],
    [404, 'NotFound', { action: 'unenrol-users', activities: ['c-9'] }, 'there is no course or path c-9'],
  ])('I-01 is answered with %i, %s, for %j', async (status, failure, asked, detail) => {
    const { headers, ...answer } = await server.post('/imports/templates', asked);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(answer).toMatchObject({
      status,
      body: { status, failure, type: `urn:lms-lifecycle:failure:${failure}` },
    });
    expect(problem(answer.body).detail).toContain(detail);
  });

  it('X-16 a body that is no JSON is told so', async () => {
    const init = { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } };
    expect(await server.ask('/imports/templates', init)).toMatchObject({
      status: 400,
      body: { status: 400 },
    });
  });
});

describe('the check', () => {
  it('I-06 says over HTTP what it says on the command line, and changes nothing', async () => {
    const before = await lab.dump();
    const file = await deletionOf('ada', 'nobody', owner, 'ada', 'bob');
    const { import: id, ...overHttp } = await checked(file, { requestedBy: email(admin) });
    const { import: other, ...onTheCommandLine } = await importer.check(file, admin);
    expect(overHttp).toEqual(onTheCommandLine);
    expect(overHttp).toMatchObject({
      ...{ will: { users: 2 }, cannot: { count: 1 } },
      problems: { count: 2 },
    });
    const rows = async (import_: string) => {
      const select = `select l.line, l.email, l.ref, l.checked_user, i.input, i.report - 'import' as report, i.checked_by
        from lms_lifecycle.import i join lms_lifecycle.stored_list_line l on l.list_id = i.id where i.id = $1 order by 1`;
      return (await lab.sql.query(select, [import_])).rows;
    };
    expect(await rows(id)).toEqual(await rows(other));
    expect(await lab.dump()).toEqual(before);
    expect(await leftovers()).toEqual([]);
  });

  it('I-06 can be read again', async () => {
    const report = await checked(await deletionOf('ada'));
    const { status, body } = await server.ask(`/imports/${report.import}`);
    expect({ status, body }).toEqual({ status: 200, body: { ...report, checkedBy: null, operations: [] } });
    expect(await server.ask('/imports/none')).toMatchObject({ status: 404, body: { failure: 'NotFound' } });
  });

  it('I-05 tells every problem of a file that is refused, with sheet, row and column', async () => {
    const template = await importer.template({ action: 'delete-users' });
    const file = filled(template, [[email('ada'), 'x'], [formula('1+1', email('bob'))]]);
    const answer = await server.ask('/imports', { method: 'POST', body: formOf({ file }) });
    const refusal = await importer.check(file).catch((error: unknown) => error);
    const { problems, message } = refusal as { problems: unknown; message: string };
    expect(answer).toMatchObject({
      status: 422,
      body: { failure: 'InvalidInput', detail: message, problems },
    });
    expect(JSON.stringify(problems)).toContain('"sheet":"Import"');
  });

  it('A is refused for somebody whom nobody knows', async () => {
    const body = formOf({ file: await deletionOf('ada') }, { requestedBy: 'nobody@example.org' });
    expect(await server.ask('/imports', { method: 'POST', body })).toMatchObject({
      status: 403,
      body: { failure: 'NotAuthorized' },
    });
  });
});

describe('the start', () => {
  const start = { requestedBy: admin, maxShare: 1 };

  it('I-07 runs what was shown, once, however often and at the same time it is asked for', async () => {
    const report = await checked(await deletionOf('ada', 'bob'));
    const path = `/imports/${report.import}/start`;
    const answers = await Promise.all([1, 2, 3].map(() => server.post(path, start)));
    const [first] = answers;
    expect(first).toMatchObject({ status: 202, body: { workflowId: `runImport-${report.import}` } });
    for (const { status, body } of answers)
      expect({ status, body }).toEqual({ status: 202, body: first?.body });
    const { operation, workflowId } = first?.body as { operation: string; workflowId: string };
    const result = await running(lab.client.workflow.getHandle(workflowId)).result();
    expect(result).toMatchObject({ operation, state: 'done', users: { done: 2 } });

    expect((await server.post(path, start)).body).toEqual({ operation, workflowId });
    const { body } = await server.ask(`/imports/${report.import}`);
    expect(body).toMatchObject({ operations: [{ id: operation, workflowId, state: 'done', failure: null }] });
    const { rows } = await lab.sql.query(
      `select kind, trigger, requested_by from lms_lifecycle.operation where import_id = $1`,
      [report.import],
    );
    expect(rows).toEqual([{ kind: 'deleteUsers', trigger: 'http', requested_by: admin }]);
  });

  it('I-07 one that was started on the command line is the same operation', async () => {
    const report = await checked(await deletionOf('cy'));
    const { operation } = await lab.run('runImport', { import: report.import, ...start });
    expect((await server.post(`/imports/${report.import}/start`, start)).body).toMatchObject({ operation });
  });

  it('I-07 after a refusal it can be started again', async () => {
    const report = await checked(await deletionOf('bob'));
    const path = `/imports/${report.import}/start`;
    const refused = (await server.post(path, { requestedBy: 'cy' })).body as { workflowId: string };
    const ended = running(lab.client.workflow.getHandle(refused.workflowId)).result();
    await expect(ended).resolves.toMatchObject({ users: { done: 0, attention: 1 } });
    const again = await server.post(path, start);
    expect(again).toMatchObject({ status: 202 });
  });

  it('X-10 no email and no token reaches Temporal or the log', async () => {
    const report = await checked(await deletionOf('ada'), { requestedBy: email(admin) });
    const asked = { ...start, requestedBy: email(admin) };
    const started = await server.post(`/imports/${report.import}/start`, asked);
    const { workflowId } = started.body as { workflowId: string };
    const handle = lab.client.workflow.getHandle(workflowId);
    await handle.result();
    expect(await historyText(lab.client, workflowId)).not.toContain('@example.org');
    expect(server.log()).not.toContain('@example.org');
    expect(server.log()).not.toContain(token);
  });

  it('A an unknown user, one named system and an empty request start nothing', async () => {
    const report = await checked(await deletionOf('ada'));
    const path = `/imports/${report.import}/start`;
    for (const requestedBy of ['nobody', 'system']) {
      expect(await server.post(path, { requestedBy })).toMatchObject({
        status: 403,
        body: { failure: 'NotAuthorized' },
      });
    }
    const empty = await server.ask(path, { method: 'POST' });
    expect(empty).toMatchObject({ status: 422, body: { detail: 'requestedBy: is missing' } });
    const more = await server.post(path, { ...start, import: 'another' });
    expect(more).toMatchObject({ status: 422 });
    expect((await server.ask(`/imports/${report.import}`)).body).toMatchObject({ operations: [] });
  });

  it('I-07 there is nothing to start of an import without a line, or of none', async () => {
    const report = await checked(await deletionOf('nobody'));
    expect(await server.post(`/imports/${report.import}/start`, start)).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('nothing to start') },
    });
    expect(await server.post('/imports/none/start', start)).toMatchObject({ status: 404 });
  });
});

it("X-16 a text that cannot be one is the client's mistake", async () => {
  expect(await server.ask('/imports/%00')).toMatchObject({ status: 400 });
  expect(await server.ask('/imports/activities?text=%00')).toMatchObject({ status: 400 });
  expect(await server.post('/imports/none/start', { requestedBy: '\0' })).toMatchObject({ status: 400 });
});

it('I-07 the role of the server may do all of it', async () => {
  const limits = { statementTimeoutMs: 5_000, lockTimeoutMs: 5_000, maxConnections: 2 };
  const database = openDatabase(urlAs(lab.databaseUrl, 'server'), limits);
  const asRole = await openImportServer(lab, { database, parse: thread.parse });
  const made = await asRole.post('/imports/templates', { action: 'unenrol-users', activities: ['c-1'] });
  const file = filled(made.body as Buffer, [[email('ada'), 'x']]);
  const report = await asRole.ask('/imports', { method: 'POST', body: formOf({ file }) });
  expect(report).toMatchObject({ status: 201, body: { will: { users: 1 } } });
  const path = `/imports/${(report.body as ImportReport).import}`;
  const started = await asRole.post(`${path}/start`, { requestedBy: admin });
  expect(started).toMatchObject({ status: 202 });
  await lab.client.workflow.getHandle((started.body as { workflowId: string }).workflowId).result();
  expect(await asRole.ask(path)).toMatchObject({ body: { operations: [{ state: 'done' }] } });
  expect(await asRole.ask('/imports/activities')).toMatchObject({ status: 200 });
  await asRole.close();
  await database.close();
});

it('X-16 every route says what it is', () => {
  expect(server.routes()).toEqual({
    'GET /imports/activities': expect.stringContaining('I-02'),
    'POST /imports/templates': expect.stringContaining('I-03'),
    'POST /imports': expect.stringContaining('I-06'),
    'GET /imports/:id': expect.any(String),
    'POST /imports/:id/start': expect.stringContaining('I-07'),
  });
});
