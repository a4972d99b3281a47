import { randomUUID } from 'node:crypto';
import { Connection } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { isDevError } from '../../dev/dev-errors.ts';
import { ensureSearchAttributes, searchAttributesUsable } from '../../dev/temporal-search-attributes.ts';
import type { SearchAttributes } from '../../dev/temporal-search-attributes.ts';
import { searchAttributeTypes } from '../../workflows/search-attributes.ts';
import { refusingProxy } from './support/refusing-proxy.ts';
import type { Refused } from './support/refusing-proxy.ts';

const denied = { code: 7, message: 'Request unauthorized.' };
const wanted: SearchAttributes = { LmsShade: 'Keyword', LmsWeight: 'Int' };

let direct: Connection;
const closing: (() => unknown)[] = [];
beforeAll(async () => {
  direct = await Connection.connect({ address: inject('temporalAddress') });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(() => direct.close());

/** A namespace of its own, which has none of our attributes. */
async function freshNamespace(): Promise<string> {
  const namespace = `attributes-${randomUUID()}`;
  await direct.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as unknown as Long },
  });
  const known = () => searchAttributesUsable(direct, namespace, { WorkflowType: 'Keyword' });
  await expect.poll(known, { timeout: 20_000 }).toBe(true);
  return namespace;
}

/** A connection on which these methods are refused. */
async function connect(refused: Refused): Promise<Connection> {
  const proxy = await refusingProxy(inject('temporalAddress'), refused);
  closing.push(() => {
    proxy.close();
  });
  const connection = await Connection.connect({ address: proxy.address });
  closing.push(() => connection.close());
  return connection;
}

async function refusalOf(refused: Refused): Promise<{ message: string; namespace: string }> {
  const namespace = await freshNamespace();
  const connection = await connect(refused);
  const error: unknown = await ensureSearchAttributes(connection, namespace, wanted).catch(
    (thrown: unknown) => thrown,
  );
  if (!isDevError(error)) throw error;
  expect(error.code).toBe('SEARCH_ATTRIBUTE');
  return { message: error.message, namespace };
}

describe('a worker that may not register search attributes', () => {
  it.each<[string, Refused, string]>([
    ['is denied it', { AddSearchAttributes: denied }, 'Request unauthorized.'],
    [
      'may not even list them, as on Temporal Cloud',
      { AddSearchAttributes: denied, ListSearchAttributes: denied },
      'Request unauthorized.',
    ],
    [
      'finds no room for them',
      {
        AddSearchAttributes: {
          code: 3,
          message: 'cannot have more than 10 search attributes of type Keyword',
        },
      },
      'cannot have more than 10 search attributes of type Keyword',
    ],
  ])('that %s says which are missing, and the commands that register them', async (_, refused, why) => {
    const { message, namespace } = await refusalOf(refused);
    expect(message).toContain('no search attributes LmsShade (Keyword), LmsWeight (Int)');
    expect(message).toContain(why);
    expect(message).toContain(
      `temporal operator search-attribute create --namespace ${namespace} --name LmsShade --type Keyword --name LmsWeight --type Int`,
    );
    expect(message).toContain(
      `tcld namespace search-attributes add --namespace ${namespace} --search-attribute LmsShade=Keyword --search-attribute LmsWeight=Int`,
    );
  });

  it.each<[string, Refused]>([
    ['', { AddSearchAttributes: denied }],
    [', nor list them', { AddSearchAttributes: denied, ListSearchAttributes: denied }],
  ])('starts when they are there already%s', async (_, refused) => {
    const connection = await connect(refused);
    await ensureSearchAttributes(connection, 'default', searchAttributeTypes);
  });

  it('names those alone that are missing', async () => {
    const namespace = await freshNamespace();
    await ensureSearchAttributes(direct, namespace, { LmsShade: 'Keyword' });
    const known = () => searchAttributesUsable(direct, namespace, { LmsShade: 'Keyword' });
    await expect.poll(known, { timeout: 20_000 }).toBe(true);
    for (const refused of [
      { AddSearchAttributes: denied },
      { AddSearchAttributes: denied, ListSearchAttributes: denied },
    ]) {
      const connection = await connect(refused);
      await expect(ensureSearchAttributes(connection, namespace, wanted)).rejects.toThrow(
        'no search attributes LmsWeight (Int), and',
      );
    }
  });

  it('takes no other error for a refusal', async () => {
    const connection = await connect({ ListSearchAttributes: { code: 16, message: 'who are you?' } });
    const error: unknown = await ensureSearchAttributes(connection, 'default', wanted).catch(
      (thrown: unknown) => thrown,
    );
    expect(isDevError(error)).toBe(false);
    expect(error).toBeInstanceOf(Error);
  });
});
