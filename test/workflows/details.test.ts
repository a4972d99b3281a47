import { describe, expect, it } from 'vitest';
import type { PlanLine, SealedPlan } from '../../activities/seal.ts';
import type { OperationState } from '../../contracts/operations.ts';
import { currentDetails } from '../../workflows/details.ts';
import { Lifecycle } from '../../workflows/lifecycle.ts';

const subject = { kind: 'deleteUser', user: 'ada', requestedBy: 'u-owner' };
const transfer: PlanLine = {
  kind: 'ownership.transfer',
  user: 'ada',
  item: { type: 'course', id: 'c-espresso' },
  before: { main: 'ada', position: 0 },
  after: { main: 'grace', position: null },
  rule: 'D-05',
  because: 'first co-author',
};

function sealed(lines: PlanLine[], more: Partial<SealedPlan> = {}): SealedPlan {
  const counts = lines.length === 0 ? {} : { 'ownership.transfer': lines.length };
  return { planHash: 'abc', counts, users: 1, total: lines.length, lines, approvalBecause: null, ...more };
}

function ended(state: OperationState, plan: SealedPlan | null, applied = 0): Lifecycle {
  const life = new Lifecycle('op-1');
  if (plan) life.seal(plan);
  life.applied = applied;
  if (state === 'failed') life.failure = { type: 'NotFound', message: 'no such user' };
  life.state = state;
  return life;
}

describe('the details say where the operation stands and what can be done', () => {
  const plan = sealed([transfer]);
  const takeBack = '"operation": "op-1"';
  it.each<[OperationState, Lifecycle, string, string | null]>([
    [
      'planning',
      new Lifecycle('op-1'),
      '**Planning** (step open). Nothing has changed yet.',
      '**cancelAfterChunk**',
    ],
    ['applying', ended('applying', plan), '0 of 1 changes applied.', '**cancelAfterChunk**'],
    ['previewed', ended('previewed', plan), '**Previewed**. Nothing has changed.', '"planHash": "abc"'],
    ['done', ended('done', plan, 1), '**Done**. 1 of 1 changes applied.', takeBack],
    ['done', ended('done', sealed([])), 'The plan is empty: nothing has to change.', null],
    ['expired', ended('expired', plan), 'nobody approved it in time. Nothing has changed.', null],
    ['cancelled', ended('cancelled', plan), '**Cancelled**. 0 of 1 changes applied.', null],
    ['failed', ended('failed', null), '**Failed**: NotFound: no such user. Nothing has changed.', null],
    [
      'failed',
      ended('failed', plan, 1),
      '**Failed**: NotFound: no such user. 1 of 1 changes applied.',
      takeBack,
    ],
  ])('%s', (_state, life, situation, offer) => {
    const details = currentDetails(life, subject);
    expect(details).toContain('### deleteUser, user ada, asked for by user u-owner');
    expect(details).toContain(situation);
    if (offer !== null) expect(details).toContain(offer);
    if (offer !== takeBack) expect(details).not.toContain('undoOperation');
  });

  it('R-03 what cannot be undone is not offered to be taken back', () => {
    const removal = { ...subject, kind: 'removeRegistrations' };
    const details = currentDetails(ended('done', plan, 1), removal);
    expect(details).not.toContain('To take it back');
    expect(details).toContain('gone for good');
  });

  it('an undo is not offered to be taken back', () => {
    const undo = { ...subject, kind: 'undoOperation' };
    expect(currentDetails(ended('done', plan, 1), undo)).not.toContain('To take it back');
  });

  it('what can be done comes before the plan', () => {
    const life = new Lifecycle('op-1');
    life.seal(sealed([transfer], { approvalBecause: 'the input asks for it' }));
    const details = currentDetails(life, subject);
    expect(details).toMatch(/\*\*approve\*\*:[^]*\*\*reject\*\*[^]*### The plan: 1 change\n/);
    expect(details).toContain(
      '- ownership.transfer: course c-espresso, from user ada to grace (D-05, first co-author)',
    );
  });
});

describe('ids are shown as they are', () => {
  const odd = { ...transfer, item: { type: 'course', id: '<b>*x*</b>|`y`\n# z' } };

  it('whatever Markdown would read into them', () => {
    const details = currentDetails(ended('done', sealed([odd]), 1), { ...subject, user: '_a_ [b](c)' });
    expect(details).toContain('course \\<b\\>\\*x\\*\\</b\\>\\|\\`y\\` \\# z, from');
    expect(details).toContain('user \\_a\\_ \\[b\\](c)');
  });

  it('but for long ones and long plans, which are cut: the page passes the text on in a URL', () => {
    const long = { ...transfer, item: { type: 'course', id: '😀'.repeat(500) } };
    const details = currentDetails(ended('done', sealed(Array<PlanLine>(100).fill(long)), 100), subject);
    expect(details).toContain('- and 90 more: query **plan** with `{"offset":10,"limit":100}`');
    expect(encodeURIComponent(details).length).toBeLessThan(20_000);
  });
});
