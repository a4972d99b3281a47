import { expect, it } from 'vitest';
import { steps } from '../../contracts/changes.ts';
import { asSummary } from '../../contracts/summaries.ts';
import { summaryOf } from '../../workflows/activity-summaries.ts';

it('every step says which chunk it applies', () => {
  for (const step of steps) expect(summaryOf(step, { operation: 'op-1', chunk: 3 })).toBe('applies chunk 3');
  expect(summaryOf('begin', { operation: 'op-1', chunk: 0 })).toBe('begins what is changed beside the users');
});

it('a summary is one line that Temporal takes, whatever was typed', () => {
  const summary = summaryOf('mayDecide', { operation: 'op-1', by: `a\nb${'😀'.repeat(500)}` });
  expect(summary).toMatch(/^whether user a b😀/u);
  expect(Buffer.byteLength(JSON.stringify(summary))).toBeLessThan(400);
  expect(JSON.stringify(asSummary('字'.repeat(500)))).toMatch(/^"字{119}…"$/);
  expect(Buffer.byteLength(JSON.stringify(asSummary('字'.repeat(500))))).toBeLessThanOrEqual(400);
});
