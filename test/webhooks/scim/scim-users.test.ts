import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../database/pool.ts';
import { acceptDeliveries } from '../../../ledger/inbox.ts';
import { urlAs } from '../../support/database-role.ts';
import { openLab } from '../../support/lab.ts';
import type { Lab } from '../../support/lab.ts';
import { admin, owner, world } from '../../support/world-builder.ts';
import { errorOf, openScimService, patchOf } from './support/scim-service.ts';
import type { ScimService } from './support/scim-service.ts';

/** Nothing that is accepted is started here: what a client sees from then on is what these tests are about. */
let lab: Lab;
let scim: ScimService;
beforeAll(async () => {
  lab = await openLab();
  scim = await openScimService(lab);
});
afterAll(async () => {
  await scim.close();
  await lab.close();
});
beforeEach(async () => {
  await lab.load(
    world({ users: ['ada', 'bob', 'cy d/é', 'dan', 'eve'].map((id) => ({ id })), deleted: ['old'] }),
  );
  await lab.sql.query('delete from lms_lifecycle.inbox');
});

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User';
const off = { op: 'replace', path: 'active', value: false };
const filtered = (filter: string): string => `/Users?filter=${encodeURIComponent(filter)}`;
const idsOf = (body: unknown): string[] =>
  ((body as { Resources?: { id: string }[] }).Resources ?? []).map(({ id }) => id);

describe('what the service says of itself', () => {
  it('RFC 7644 §4 its configuration, resource types and schemas can be read', async () => {
    const config = await scim.ask('GET', '/ServiceProviderConfig');
    expect(config.headers.get('content-type')).toContain('application/scim+json');
    expect(config).toMatchObject({
      status: 200,
      body: {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
        ...{ patch: { supported: true }, bulk: { supported: false }, filter: { supported: true } },
        authenticationSchemes: [{ type: 'oauthbearertoken' }],
      },
    });
    const list = { totalResults: 1, itemsPerPage: 1, startIndex: 1 };
    const types = await scim.ask('GET', '/ResourceTypes');
    expect(types.body).toMatchObject({
      ...list,
      Resources: [{ id: 'User', endpoint: '/Users', schema: userUrn }],
    });
    const schemas = await scim.ask('GET', '/Schemas');
    expect(schemas.body).toMatchObject({ ...list, Resources: [{ id: userUrn }] });
    const schema = await scim.ask('GET', `/Schemas/${userUrn}`);
    const attributes = schema.body?.['attributes'] as { name: string; mutability: string }[];
    expect(attributes.map(({ name, mutability }) => [name, mutability])).toEqual([
      ['userName', 'readOnly'],
      ['emails', 'readOnly'],
      ['active', 'readWrite'],
    ]);
    expect(await scim.ask('GET', '/ResourceTypes/User')).toMatchObject({ status: 200, body: { id: 'User' } });
    expect(await scim.ask('GET', '/ResourceTypes/Group')).toMatchObject(errorOf(404));
  });

  it('RFC 7644 §4 a filter on that is forbidden', async () => {
    for (const path of ['/ServiceProviderConfig', '/ResourceTypes', '/Schemas']) {
      expect(await scim.ask('GET', `${path}?filter=id%20eq%20%22User%22`)).toMatchObject(errorOf(403));
    }
  });
});

describe('who may', () => {
  it('RFC 7644 §2 without the token nothing is answered and nothing accepted', async () => {
    for (const [method, path] of [
      ['GET', '/Users'],
      ['GET', '/ServiceProviderConfig'],
      ['DELETE', '/Users/ada'],
      ['PATCH', '/Users/ada'],
    ] as const) {
      const body = method === 'PATCH' ? patchOf(off) : undefined;
      const answer = await scim.ask(method, path, body, { authorization: 'Bearer another' });
      expect(answer).toMatchObject(errorOf(401));
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
    expect(await scim.accepted('ada')).toEqual({});
  });

  it('RFC 7644 §2 where no token is set up the service is closed', async () => {
    const closed = await openScimService(lab, { tokens: [] });
    expect(await closed.ask('DELETE', '/Users/ada')).toMatchObject(errorOf(403));
    await closed.close();
  });
});

describe('reading', () => {
  it('RFC 7644 §3.4.1 a user is read by id', async () => {
    const location = `${scim.url}/Users/ada`;
    const answer = await scim.ask('GET', '/Users/ada');
    expect(answer).toMatchObject({
      status: 200,
      body: {
        ...{ schemas: [userUrn], id: 'ada', userName: 'ada@example.org', active: true },
        ...{ emails: [{ value: 'ada@example.org' }], meta: { resourceType: 'User', location } },
      },
    });
    expect(answer.headers.get('content-location')).toBe(location);
    const odd = `/Users/${encodeURIComponent('cy d/é')}`;
    expect(await scim.ask('GET', odd)).toMatchObject({
      body: { id: 'cy d/é', meta: { location: `${scim.url}${odd}` } },
    });
  });

  it.each(['nobody', 'old', 'ada@example.org', 'system'])(
    'RFC 7644 §3.4.1 there is no user %s',
    async (id) => {
      for (const [method, body] of [
        ['GET', undefined],
        ['DELETE', undefined],
        ['PATCH', patchOf(off)],
        ['PUT', { active: false }],
      ] as const) {
        expect(await scim.ask(method, `/Users/${id}`, body)).toMatchObject(errorOf(404));
      }
    },
  );

  it.each([
    ['userName eq "ada@example.org"', ['ada']],
    ['userName EQ "ADA@Example.ORG"', ['ada']],
    ['username eq "ada@example.org"', ['ada']],
    [`${userUrn}:userName eq "ada@example.org"`, ['ada']],
    ['emails.value eq "bob@example.org"', ['bob']],
    ['emails eq "bob@example.org"', ['bob']],
    ['emails[type eq "work"].value eq "bob@example.org"', ['bob']],
    ['id eq "cy d/é"', ['cy d/é']],
    [String.raw`id eq "cy d\/\u00e9"`, ['cy d/é']],
    ['userName eq "ad_@example.org"', []],
    ['userName eq "old@example.org"', []],
    ['externalId eq "ada"', []],
    ['userName eq "\' or 1=1 --"', []],
  ])('RFC 7644 §3.4.2.2 the filter %s finds %j', async (filter, ids) => {
    const { status, body } = await scim.ask('GET', filtered(filter));
    expect([status, idsOf(body), body?.['totalResults']]).toEqual([200, ids, ids.length]);
  });

  it.each([
    'userName co "ada"',
    'userName eq "a" and active eq true',
    'userName eq ada',
    'userName pr',
    'userName eq "a',
    'nickName eq "ada"',
    'active eq true',
    '',
  ])('RFC 7644 §3.4.2.2 the filter %j is refused, not answered wrongly', async (filter) => {
    expect(await scim.ask('GET', filtered(filter))).toMatchObject(errorOf(400, 'invalidFilter'));
  });

  it('RFC 7644 §3.4.2.4 users come in pages, each of them once', async () => {
    const all = await scim.ask('GET', '/Users');
    const everybody = ['ada', 'bob', 'cy d/é', 'dan', 'eve', admin, owner];
    expect(idsOf(all.body)).toEqual(everybody);
    expect(all.body).toMatchObject({ totalResults: 7, startIndex: 1, itemsPerPage: 7 });
    const paged = [];
    for (let startIndex = 1; startIndex <= 7; startIndex += 3) {
      const page = await scim.ask('GET', `/Users?startIndex=${startIndex}&count=3`);
      expect(page.body).toMatchObject({ totalResults: 7, startIndex });
      paged.push(...idsOf(page.body));
    }
    expect(paged).toEqual(everybody);
  });

  it.each([
    ['startIndex=0&count=1', { startIndex: 1, itemsPerPage: 1 }],
    ['startIndex=-5&count=1', { startIndex: 1, itemsPerPage: 1 }],
    ['count=0', { itemsPerPage: 0 }],
    ['count=-1', { itemsPerPage: 0 }],
    ['count=100000', { itemsPerPage: 7 }],
    ['startIndex=8', { startIndex: 8, itemsPerPage: 0 }],
  ])('RFC 7644 §3.4.2.4 of the page %s there is %j', async (query, page) => {
    expect(await scim.ask('GET', `/Users?${query}`)).toMatchObject({
      status: 200,
      body: { totalResults: 7, ...page },
    });
  });

  it('RFC 7644 §3.4.2.4 a page that is no number is refused', async () => {
    for (const query of ['count=many', 'startIndex=1.5']) {
      expect(await scim.ask('GET', `/Users?${query}`)).toMatchObject(errorOf(400, 'invalidValue'));
    }
  });

  it("RFC 7644 §3.12 a name that no text can be is the client's mistake", async () => {
    for (const path of ['/Users/%00', filtered(String.raw`id eq "\u0000"`)]) {
      expect(await scim.ask('GET', path)).toMatchObject(errorOf(400));
    }
    expect(await scim.ask('DELETE', '/Users/%00')).toMatchObject(errorOf(400));
  });

  it('RFC 7644 §3.4.3 a search goes by POST too, so that no address holds a name', async () => {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'];
    const search = { schemas, filter: 'userName eq "ada@example.org"', attributes: ['userName'], count: 5 };
    const { status, body } = await scim.ask('POST', '/Users/.search', search);
    expect([status, body?.['Resources']]).toEqual([
      200,
      [{ schemas: [userUrn], id: 'ada', userName: 'ada@example.org' }],
    ]);
  });

  it('RFC 7644 §3.9 only the attributes that are asked for are given', async () => {
    const only = await scim.ask('GET', '/Users/ada?attributes=active,emails');
    expect(Object.keys(only.body ?? {}).sort()).toEqual(['active', 'emails', 'id', 'schemas']);
    const without = await scim.ask('GET', '/Users?count=1&excludedAttributes=emails,ID,groups');
    const [user] = without.body?.['Resources'] as object[];
    expect(Object.keys(user ?? {}).sort()).toEqual(['active', 'id', 'meta', 'schemas', 'userName']);
  });

  it('X-10 nobody is named in the log', async () => {
    await scim.ask('GET', filtered('userName eq "ada@example.org"'));
    await scim.ask('GET', '/nothing?for=ada@example.org');
    expect(scim.log()).not.toContain('example.org');
  });
});

describe('deleting', () => {
  it('RFC 7644 §3.6 a deleted user is gone at once, from lists and filters too, though nothing was started yet', async () => {
    const before = await lab.dump();
    const answer = await scim.ask('DELETE', '/Users/ada');
    expect([answer.status, answer.body]).toEqual([204, null]);
    for (const [method, body] of [
      ['GET', undefined],
      ['DELETE', undefined],
      ['PATCH', patchOf(off)],
      ['PUT', { active: false }],
    ] as const) {
      expect(await scim.ask(method, '/Users/ada', body)).toMatchObject(errorOf(404));
    }
    const { body } = await scim.ask('GET', '/Users');
    expect([idsOf(body).includes('ada'), body?.['totalResults']]).toEqual([false, 6]);
    for (const filter of ['userName eq "ada@example.org"', 'id eq "ada"']) {
      expect((await scim.ask('GET', filtered(filter))).body).toMatchObject({ totalResults: 0 });
    }
    expect(await scim.accepted('ada')).toEqual({ 'scim.deleted': 1 });
    expect(await lab.dump()).toEqual(before);
  });

  it('RFC 7644 §3.6 whoever is called like the beginning of another is not taken for them', async () => {
    await lab.load(world({ users: ['a', 'a.b', 'a.b.c'].map((id) => ({ id })) }));
    await scim.ask('DELETE', '/Users/a.b');
    const { body } = await scim.ask('GET', '/Users');
    expect(idsOf(body)).toEqual(['a', 'a.b.c', admin, owner]);
  });

  it('D-14 the platform owner is not accepted, and stays to be seen', async () => {
    for (const [method, body] of [
      ['DELETE', undefined],
      ['PATCH', patchOf(off)],
    ] as const) {
      const answer = await scim.ask(method, `/Users/${owner}`, body);
      expect(answer).toMatchObject(errorOf(403));
      expect(answer.body?.['detail']).toContain('PlatformOwnerProtected');
    }
    expect(await scim.accepted(owner)).toEqual({});
    expect(await scim.ask('GET', `/Users/${owner}`)).toMatchObject({ body: { active: true } });
  });

  it('RFC 7644 §3.6 the role of the server may do all of it', async () => {
    const limits = { statementTimeoutMs: 5_000, lockTimeoutMs: 5_000, maxConnections: 2 };
    const database = openDatabase(urlAs(lab.databaseUrl, 'server'), limits);
    const asRole = await openScimService(lab, {
      database,
      accept: (delivery) => database.transaction((sql) => acceptDeliveries(sql, [delivery])),
    });
    expect((await asRole.ask('GET', '/Users')).body).toMatchObject({ totalResults: 7 });
    expect(await asRole.ask('DELETE', '/Users/ada')).toMatchObject({ status: 204 });
    expect(await asRole.ask('GET', '/Users/ada')).toMatchObject(errorOf(404));
    await asRole.close();
    await database.close();
  });

  it('RFC 7644 §3.12 what cannot be stored is not accepted', async () => {
    const away = await openScimService(lab, {
      accept: () => Promise.reject(Object.assign(new Error('away'), { code: 'ECONNREFUSED' })),
    });
    const answer = await away.ask('DELETE', '/Users/ada');
    expect(answer).toMatchObject(errorOf(503));
    expect(answer.headers.get('retry-after')).toBe('10');
    expect(await away.ask('GET', '/Users/ada')).toMatchObject({ status: 200, body: { active: true } });
    await away.close();
  });
});

describe('setting to inactive', () => {
  it.each([
    ['as the RFC has it', patchOf(off)],
    ['as Okta sends it', patchOf({ op: 'replace', value: { active: false } })],
    ['as Entra sends it', patchOf({ op: 'Replace', path: 'active', value: 'False' })],
    ['as Entra sends it without a path', patchOf({ op: 'Replace', value: { active: 'False' } })],
    ['as an addition', patchOf({ op: 'Add', path: 'active', value: 'false' })],
    ['by the full name', patchOf({ op: 'replace', path: `${userUrn}:active`, value: false })],
    ['by the full name in the value', patchOf({ op: 'replace', value: { [`${userUrn}:active`]: false } })],
    [
      'in other case',
      {
        Schemas: (patchOf() as { schemas: string[] }).schemas,
        operations: [{ OP: 'REPLACE', Path: 'Active', Value: false }],
      },
    ],
    ['twice', patchOf(off, off)],
  ])('RFC 7644 §3.5.2 a PATCH %s is accepted', async (_, body) => {
    const answer = await scim.ask('PATCH', '/Users/ada', body);
    expect(answer).toMatchObject({ status: 200, body: { id: 'ada', active: false } });
    expect(await scim.accepted('ada')).toEqual({ 'scim.deactivated': 1 });
  });

  it.each([
    ['mutability', patchOf({ op: 'replace', path: 'active', value: true })],
    ['mutability', patchOf({ op: 'Replace', path: 'active', value: 'True' })],
    ['mutability', patchOf({ op: 'replace', path: 'userName', value: 'a@example.org' })],
    ['mutability', patchOf({ op: 'replace', value: { active: false, title: 'Dr' } })],
    ['mutability', patchOf(off, { op: 'replace', path: 'name.familyName', value: 'Lovelace' })],
    ['mutability', patchOf({ op: 'remove', path: 'active' })],
    ['invalidValue', patchOf({ op: 'replace', path: 'active', value: 'no' })],
    ['invalidValue', patchOf({ op: 'replace', path: 'active', value: 0 })],
    ['invalidValue', patchOf({ op: 'replace', path: 'active', value: null })],
    ['invalidValue', patchOf({ op: 'replace', value: {} })],
    ['invalidValue', patchOf({ op: 'replace', value: false })],
    ['invalidPath', patchOf({ op: 'replace', path: 7, value: false })],
    ['invalidSyntax', patchOf({ op: 'delete', path: 'active' })],
    ['invalidSyntax', patchOf()],
    ['invalidSyntax', { Operations: [off] }],
    ['invalidSyntax', []],
    ['invalidSyntax', '{'],
    ['invalidSyntax', ''],
  ])('RFC 7644 §3.5.2 is answered with %s, and nothing of it done: %j', async (keyword, body) => {
    expect(await scim.ask('PATCH', '/Users/ada', body)).toMatchObject(errorOf(400, keyword));
    expect(await scim.accepted('ada')).toEqual({});
    expect(await scim.ask('GET', '/Users/ada')).toMatchObject({ body: { active: true } });
  });

  it('RFC 7644 §3.5.2 who is being set to inactive is inactive, however often that is asked', async () => {
    await scim.ask('PATCH', '/Users/ada', patchOf(off));
    expect(await scim.ask('PATCH', '/Users/ada', patchOf(off))).toMatchObject({ status: 200 });
    expect(await scim.ask('PUT', '/Users/ada', { active: false })).toMatchObject({ status: 200 });
    expect(await scim.accepted('ada')).toEqual({ 'scim.deactivated': 1 });
    expect(await scim.ask('GET', '/Users/ada')).toMatchObject({ status: 200, body: { active: false } });
    const { body } = await scim.ask('GET', filtered('userName eq "ada@example.org"'));
    expect(body).toMatchObject({ totalResults: 1, Resources: [{ id: 'ada', active: false }] });
    expect(await scim.ask('DELETE', '/Users/ada')).toMatchObject({ status: 204 });
    expect(await scim.ask('GET', '/Users/ada')).toMatchObject(errorOf(404));
  });

  it('RFC 7644 §3.5.1 a PUT with active false does the same; what is read-only in it is left aside', async () => {
    const user = { schemas: [userUrn], id: 'ada', userName: 'other', active: false, title: 'Dr' };
    const answer = await scim.ask('PUT', '/Users/ada', user);
    expect(answer).toMatchObject({ status: 200, body: { userName: 'ada@example.org', active: false } });
    expect(await scim.accepted('ada')).toEqual({ 'scim.deactivated': 1 });
    for (const active of [true, undefined]) {
      expect(await scim.ask('PUT', '/Users/bob', { ...user, active })).toMatchObject(
        errorOf(400, 'mutability'),
      );
    }
    expect(await scim.accepted('bob')).toEqual({});
  });
});

describe('what is not supported', () => {
  it.each([
    ['RFC 7644 §3.3', 'POST', '/Users', { userName: 'new@example.org' }, 501],
    ['RFC 7644 §3.7', 'POST', '/Bulk', { Operations: [] }, 501],
    ['RFC 7644 §3.11', 'GET', '/Me', undefined, 501],
    ['RFC 7644 §3.12', 'GET', '/Groups', undefined, 404],
    ['RFC 7644 §3.12', 'DELETE', '/Users', undefined, 404],
  ])('%s %s %s says so', async (_, method, path, body, status) => {
    const answer = await scim.ask(method, path, body);
    expect(answer.headers.get('content-type')).toContain('application/scim+json');
    expect(answer).toMatchObject(errorOf(status));
  });

  it('RFC 7644 §3.1 JSON is taken by either name, and nothing else', async () => {
    const plain = { 'content-type': 'application/json; charset=utf-8' };
    expect(await scim.ask('PATCH', '/Users/ada', patchOf(off), plain)).toMatchObject({ status: 200 });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await scim.ask('PATCH', '/Users/bob', 'active=false', form)).toMatchObject(errorOf(415));
  });
});
