import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalExecutions } from '../../client/executions.ts';
import { the } from '../support/world-builder.ts';
import { openAdas, outcome } from './support/adas.ts';
import type { Adas } from './support/adas.ts';
import { untilRetried, untilWaiting } from './support/until.ts';
import { adaOf } from './support/wave.ts';

let adas: Adas;
/** Whether the worker can ask Temporal what has become of an operation. */
let reachable = true;

beforeAll(async () => {
  const nowhere = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const mute = temporalExecutions(new Client({ connection: nowhere }));
  adas = await openAdas(20, ({ client }) => {
    const answering = temporalExecutions(client);
    return { isOpen: (...of) => (reachable ? answering : mute).isOpen(...of) };
  });
});
afterAll(() => adas.close());

describe('two operations on the same user at the same moment', () => {
  const deletions: string[] = [];

  it('X-11 of twenty pairs of deletions one of each deletes, the other finds nothing to do or is refused', async () => {
    const pairs = await Promise.all(
      adas.lives.names.map((life) =>
        Promise.all([adas.remove(life), adas.remove(life, { requestedBy: 'u-owner' })]),
      ),
    );
    for (const pair of pairs) {
      const [one, two] = await Promise.all(pair.map(outcome));
      expect([one, two]).toContain(1);
      expect([0, 'OperationInProgress']).toContain(one === 1 ? two : one);
      const [doer, other] = one === 1 ? pair : [pair[1], pair[0]];
      expect(await adas.applied(doer.firstExecutionRunId)).toHaveLength(19);
      expect(await adas.applied(other.firstExecutionRunId)).toEqual([]);
      deletions.push(doer.firstExecutionRunId);
    }
    const after = await adas.site.dump();
    for (const life of adas.lives.names) expect(the(after.users, adaOf(life)).status).toBe('deleted');
    expect(await adas.claims()).toEqual([]);
  });

  it('X-11 of twenty pairs of undos one of each undoes, the other finds nothing to do or is refused', async () => {
    const pairs = await Promise.all(
      deletions.map((operation) => Promise.all([adas.undo(operation), adas.undo(operation)])),
    );
    for (const pair of pairs) {
      const [one, two] = await Promise.all(pair.map(outcome));
      expect([one, two]).toContain(1);
      expect([0, 'OperationInProgress', 'NotUndoable']).toContain(one === 1 ? two : one);
    }
    expect(await adas.site.dump()).toEqual(adas.before);
    expect(await adas.claims()).toEqual([]);
  });
});

describe('an operation on a user whom another one holds', () => {
  it('X-11 asks again when Temporal cannot say whether that one lives, and does not take the user', async () => {
    const [life = ''] = adas.lives.names;
    const first = await adas.remove(life, { approval: 'required' });
    await untilWaiting(first);
    reachable = false;
    const second = await adas.remove(life);
    await untilRetried(second);
    reachable = true;
    expect(await outcome(second)).toBe('OperationInProgress');
    expect(await adas.claims()).toEqual([adaOf(life)]);
    await first.terminate('seen enough');
  });
});
