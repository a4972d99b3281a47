import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Progress } from '../../workflows/messages.ts';
import { admin } from '../support/world-builder.ts';
import { openAdas } from './support/adas.ts';
import type { Adas } from './support/adas.ts';
import { eventually } from './support/eventually.ts';
import { gatesAt, untilQuiet } from './support/gates.ts';
import { reset } from './support/reset.ts';
import type { Handle } from './support/site.ts';
import { stopAt } from './support/stop-at.ts';
import { untilWaiting } from './support/until.ts';

const planning = gatesAt(['judge', 'plan'], ['within']);

let adas: Adas;
beforeAll(async () => {
  adas = await openAdas(1 + planning.length);
});
beforeEach(() => adas.restore());
afterAll(() => adas.close());

/** A deletion that was terminated while it waited for approval, and another one of the same user, which waits now. */
async function givenUp(): Promise<{ first: Handle; second: Handle; planHash: string | null }> {
  const [life = ''] = adas.lives.names;
  const first = await adas.remove(life, { approval: 'required' });
  const { planHash } = await untilWaiting(first);
  await first.terminate('by hand');
  const second = await adas.remove(life, { approval: 'required' });
  onTestFinished(() => second.terminate('seen enough').then(() => undefined));
  await untilWaiting(second);
  return { first, second, planHash };
}

describe('an operation whose user has gone over to the next', () => {
  it('X-11 has nothing pending when what it was planning has ended', async () => {
    const { closed, stopped } = await stopAt(adas, planning);
    await Promise.all(stopped.map((handle) => handle.terminate('by hand')));
    const lives = adas.lives.names.slice(1, 1 + stopped.length);
    const next = await Promise.all(lives.map((life) => adas.remove(life, { approval: 'required' })));
    onTestFinished(() => Promise.all(next.map((one) => one.terminate('seen enough'))).then(() => undefined));
    // Either the next one waits for that to end, or it has come as far as it gets without.
    const reached = async (): Promise<boolean> => {
      const progress = await Promise.all(next.map((one) => one.query<Progress>('progress')));
      const ahead = progress.filter(({ state }) => state === 'waiting-for-approval');
      return ahead.length + (await adas.waiting()) >= next.length + stopped.length;
    };
    await eventually(reached, () => 'the next operations are nowhere');
    await closed.open();
    await Promise.all(next.map(untilWaiting));
    await untilQuiet(adas.site.databaseUrl);
    expect(await adas.unsettled(stopped)).toEqual([]);
  });

  it('X-11 does not go on where it was stopped: a chunk of it that is carried out changes nothing', async () => {
    const { first } = await givenUp();
    const orphan = { operation: first.firstExecutionRunId, chunk: 1 };
    const chunk = await adas.site.start('applyChunk', orphan);
    await chunk.result().catch(() => undefined);
    expect(await adas.applied(first.firstExecutionRunId)).toEqual([]);
    expect(await adas.site.dump()).toEqual(adas.before);
  });

  it('X-11 does not go on when its workflow is reset, not even approved', async () => {
    const { first, second, planHash } = await givenUp();
    const again = await reset(adas.site, first);
    onTestFinished(() =>
      again
        .terminate('seen enough')
        .catch(() => undefined)
        .then(() => undefined),
    );
    const opened = async (): Promise<boolean> => {
      const { state } = await again.query<Progress>('progress');
      return state !== 'planning';
    };
    await eventually(opened, () => 'it goes on planning');
    await again.executeUpdate('approve', { args: [{ by: admin, planHash }] }).catch(() => undefined);
    await again.result().catch(() => undefined);
    expect(await adas.applied(first.firstExecutionRunId)).toEqual([]);
    expect(await adas.site.dump()).toEqual(adas.before);
    expect(await untilWaiting(second)).toMatchObject({ applied: 0 });
  });
});
