import { describe, expect, it } from 'vitest';
import type { OperationState } from '../../contracts/operations.ts';
import { currentDetails } from '../../workflows/details.ts';
import { Lifecycle } from '../../workflows/lifecycle.ts';
import { dataRefused } from '../../workflows/message-data.ts';
import { updatesNow } from '../../workflows/offers.ts';
import type { Update } from '../../workflows/offers.ts';

const subject = { kind: 'deleteUsers', user: undefined, requestedBy: 'u-owner' };

function standing(state: OperationState, more: Partial<Lifecycle> = {}): Lifecycle {
  const life = new Lifecycle('op-1');
  const counts = { 'account.retire': 6 };
  life.seal({ planHash: 'abc', counts, users: 6, total: 6, lines: [], approvalBecause: null });
  return Object.assign(life, { state, chunks: 3 }, more);
}

/** What is offered, each with the data that are shown beside it. */
function offered(life: Lifecycle): Partial<Record<string, unknown>> {
  const details = currentDetails(life, subject);
  const offers = details.matchAll(/^- \*\*(\w+)\*\*: .*(?:\n\n```json\n([^`]*)```)?/gm);
  return Object.fromEntries(
    [...offers].map(([, name = '', data]): [string, unknown] => [name, data && JSON.parse(data)]),
  );
}

/** As the handlers refuse it. */
function refused(life: Lifecycle, update: string, data: unknown): string | null {
  if (update === 'approve') return life.approvalRefused([data]);
  if (update === 'reject') return life.rejectionRefused([data]);
  if (update === 'setPace') return dataRefused('setPace', [data]);
  return update.endsWith('Attention') ? life.remedyRefused() : null;
}

const states: [string, Lifecycle, Update[]][] = [
  ['planning', standing('planning'), ['pause', 'setPace', 'cancelAfterChunk']],
  ['one chunk that is applied', standing('applying', { chunks: 1 }), ['cancelAfterChunk']],
  ['chunks that are applied', standing('applying'), ['pause', 'setPace', 'cancelAfterChunk']],
  [
    'a pause that is asked for',
    standing('applying', { paused: true }),
    ['resume', 'setPace', 'cancelAfterChunk'],
  ],
  ['a pause', standing('paused', { paused: true }), ['resume', 'setPace', 'cancelAfterChunk']],
  [
    'an approval that is waited for',
    standing('waiting-for-approval'),
    ['approve', 'reject', 'pause', 'setPace'],
  ],
  ['a user who is waited for', standing('waiting-for-approval', { chunks: 1 }), ['approve', 'reject']],
  ['attention', standing('needs-attention'), ['retryAttention', 'skipAttention', 'cancelAfterChunk']],
  ['an end that is asked for', standing('applying', { cancelRequested: true }), []],
  ...(['previewed', 'done', 'rejected', 'expired', 'cancelled', 'failed'] as const).map(
    (state): [string, Lifecycle, Update[]] => [state, standing(state), []],
  ),
];

describe('the Updates that make a difference are offered, with data to copy', () => {
  it.each(states)('%s', (_, life, updates) => {
    expect(Object.keys(offered(life))).toEqual(updates);
    expect(updatesNow(life)).toEqual(updates);
  });

  it.each(states)('and all of them are taken: %s', (_, life) => {
    for (const [update, data] of Object.entries(offered(life)))
      expect(refused(life, update, data)).toBeNull();
  });

  it.each(states)('and none that would be refused is left out by chance: %s', (_, life, updates) => {
    for (const update of ['approve', 'reject', 'retryAttention', 'skipAttention'] as const) {
      const data = { approve: { by: 'a', planHash: 'abc' }, reject: { by: 'a', reason: 'b' } }[
        update as 'approve'
      ];
      if (!life.cancelRequested) expect(refused(life, update, data) === null).toBe(updates.includes(update));
    }
  });
});

describe('while it is applied', () => {
  const second = 1_000;
  const begun = Date.UTC(2026, 10, 22, 23, 0);
  const chunk = { applied: 2, conflicts: 0, users: 2_000, isolated: 0 };

  it('the details say how fast it goes, and until when', () => {
    const life = standing('applying', { chunks: 10, step: 'chunk 3 of 10' });
    life.rate.mark(begun, 0, 0);
    expect(currentDetails(life, subject)).toContain('(step chunk 3 of 10, 0 of 10 chunks done, 0 users).');
    life.count(1, chunk, begun + 5 * second);
    life.count(2, chunk, begun + 20 * second);
    const speed =
      '2 of 10 chunks done, 4000 users, 200 users a second, about 80 s left (until 2026-11-22 23:01 UTC)';
    expect(currentDetails(life, subject)).toContain(speed);
    Object.assign(life, { usersPerSecond: 100 }, { usersDone: 4_000 });
    if (life.sealed) life.sealed.users = 46_000;
    const slowly =
      '200 users a second, about 7 minutes left (until 2026-11-22 23:07 UTC), at most 100 users a second).';
    expect(currentDetails(life, subject)).toContain(slowly);
  });

  it('what was before a pause or another pace does not count', () => {
    const life = standing('applying', { chunks: 300 });
    life.rate.mark(begun, 0, 0);
    life.count(1, chunk, begun + second);
    life.rate.restart();
    expect(currentDetails(life, subject)).not.toContain('left (until');
    life.count(2, chunk, begun + 3_600 * second);
    life.count(3, { ...chunk, users: 3 }, begun + 3_602 * second);
    expect(currentDetails(life, subject)).toContain('1.5 users a second, about 10 minutes left');
  });

  it('a signal that somebody has sent is not passed over in silence', () => {
    expect(currentDetails(standing('applying', { strayed: 'pause' }), subject)).toContain(
      'The signal pause was not heard: signals do nothing here. **Send an Update** instead.',
    );
  });
});

describe('an Update is refused with every problem and an example', () => {
  const waiting = standing('waiting-for-approval');
  const approval = 'For example: {"by":"<your user id>","planHash":"abc"}';
  it.each<[string, unknown[], string]>([
    ['approve', [], `approve: needs data, a JSON object. ${approval}`],
    ['approve', ['u-owner'], `approve: takes one JSON object. ${approval}`],
    ['approve', [[]], `approve: takes one JSON object. ${approval}`],
    ['approve', [{}], `approve: by is missing; planHash is missing. ${approval}`],
    [
      'approve',
      [{ by: ' ', planHash: 7 }],
      'by must be text that is not empty; planHash must be text that is not empty.',
    ],
    ['approve', [{ by: 'a', planHash: 'abc', note: 1 }], `approve: note is not known here. ${approval}`],
    [
      'approve',
      [{ by: 'a', planHash: 'abc' }, 1],
      `approve: takes one JSON object, not several. ${approval}`,
    ],
    ['approve', [{ by: 'a', planHash: 'abd' }], 'this is not the hash of the plan, which is abc'],
    [
      'reject',
      [{ by: 'a' }],
      'reject: reason is missing. For example: {"by":"<your user id>","reason":"<why>"}',
    ],
    [
      'setPace',
      [{ usersPerSecond: '50' }],
      'usersPerSecond must be a number above 0, or null for no limit. For',
    ],
    ['setPace', [50], 'setPace: takes one JSON object. For example: {"usersPerSecond":50}'],
  ])('%s %j', (update, given, sentence) => {
    const refusal =
      update === 'approve'
        ? waiting.approvalRefused(given)
        : update === 'reject'
          ? waiting.rejectionRefused(given)
          : dataRefused('setPace', given);
    expect(refusal).toContain(sentence);
  });

  it('where there is nothing to decide it says so', () => {
    const decision = { by: 'a', planHash: 'abc' };
    expect(standing('done').approvalRefused([decision])).toBe(
      'there is nothing to approve: the operation is done',
    );
    const rejection = { by: 'a', reason: 'b', planHash: 'abc' };
    expect(waiting.rejectionRefused([rejection])).toBeNull();
    expect(standing('paused').rejectionRefused([rejection])).toBe(
      'there is nothing to reject: the operation is paused',
    );
  });

  it('and so is a page of the plan', () => {
    for (const page of [undefined, null, {}, { offset: 0, limit: 1_000 }])
      expect(dataRefused('plan', [page])).toBeNull();
    const example = 'For example: {"offset":0,"limit":100}';
    expect(dataRefused('plan', [{ ofset: 1, limit: -1 }])).toBe(
      `plan: limit must be a whole number from 0 on; ofset is not known here. ${example}`,
    );
  });
});
