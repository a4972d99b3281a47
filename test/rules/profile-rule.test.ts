import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../contracts/changes.ts';
import { judgeRule } from '../../rules/profile-rule.ts';

const matches = { matches: true };
const differs = { matches: false };

describe('a rule over a profile', () => {
  it.each<[string, JsonObject, JsonObject, object]>([
    ['an equal attribute matches', { '==': [{ var: 'team' }, 'sales'] }, { team: 'sales' }, matches],
    ['another one does not', { '==': [{ var: 'team' }, 'sales'] }, { team: 'it' }, differs],
    ['a missing attribute is null', { '==': [{ var: 'team' }, null] }, {}, matches],
    ['null is not 0', { '==': [{ var: 'n' }, 0] }, {}, differs],
    ['null is not an empty text', { '==': [{ var: 'n' }, ''] }, {}, differs],
    ['null is not false', { '==': [{ var: 'n' }, false] }, {}, differs],
    ['a number as text is that number', { '==': [{ var: 'n' }, 5] }, { n: '5' }, matches],
    ['a text is no number', { '==': [{ var: 'n' }, 5] }, { n: 'five' }, differs],
    ['the text true is not true', { '==': [{ var: 'n' }, true] }, { n: 'true' }, differs],
    ['true is 1', { '==': [{ var: 'n' }, 1] }, { n: true }, matches],
    ['== with an array compares its text', { '==': [{ var: 'n' }, 'a,b'] }, { n: ['a', 'b'] }, matches],
    ['!= is the opposite', { '!=': [{ var: 'team' }, 'sales'] }, { team: 5 }, matches],
    ['=== takes no text for a number', { '===': [{ var: 'n' }, 5] }, { n: '5' }, differs],
    ['a text is not below a number', { '<': [{ var: 'n' }, 5] }, { n: 'five' }, differs],
    ['between, both ends included', { '<=': [1, { var: 'n' }, 3] }, { n: 3 }, matches],
    ['outside', { '<=': [1, { var: 'n' }, 3] }, { n: 4 }, differs],
    ['strictly between', { '<': [1, { var: 'n' }, 3] }, { n: 3 }, differs],
    ['above', { '>': [{ var: 'n' }, 3] }, { n: 4 }, matches],
    ['at least', { '>=': [{ var: 'n' }, 3] }, { n: 3 }, matches],
    ['one of a list', { in: [{ var: 'team' }, ['sales', 'it']] }, { team: 'it' }, matches],
    ['a nested attribute', { '==': [{ var: 'a.b' }, 1] }, { a: { b: 1 } }, matches],
    ['and, or, not', { and: [{ or: [false, true] }, { '!': [{ var: 'x' }] }] }, {}, matches],
  ])('C-04 R-05 %s', (_, rule, profile, verdict) => {
    expect(judgeRule(rule, profile)).toEqual(verdict);
    // Prepared by now.
    expect(judgeRule(rule, profile)).toEqual(verdict);
  });

  it.each<[string, JsonObject]>([
    ['text', { var: 'team' }],
    ['nothing', { var: 'nothing' }],
    ['a number', { '+': [1, 2] }],
    ['an object', {}],
    ['a list', { map: [[1], { var: '' }] }],
  ])('C-04 a rule that comes to %s says neither yes nor no', (_, rule) => {
    expect(judgeRule(rule, { team: 'sales' })).toEqual({ problem: 'its rule is neither true nor false' });
  });

  it.each<[string, JsonObject]>([
    ['has an unknown operator', { frobnicate: [1] }],
    ['has two operators', { '==': [1, 1], '!=': [1, 2] }],
    ['throws', { throw: 'ada@example.org' }],
    ['adds text', { '==': [{ '+': ['a', 1] }, 2] }],
    ['grows without end', { '==': [{ reduce: [Array<number>(40).fill(1), doubled(), 'x'] }, ''] }],
  ])('C-04 X-10 a rule that %s is a problem, told without values', (_, rule) => {
    expect(judgeRule(rule, { team: 'sales' })).toEqual({ problem: 'its rule cannot be evaluated' });
  });

  it('C-04 a rule of unusual size or depth is not evaluated', () => {
    const long = { in: [{ var: 'team' }, Array<string>(5000).fill('sales')] };
    expect(judgeRule(long, {})).toEqual({ problem: 'its rule is longer than 20000 characters' });
    let deep: JsonObject = { '==': [1, 1] };
    for (let level = 0; level < 30; level++) deep = { '!': [deep] };
    expect(judgeRule(deep, {})).toEqual({ problem: 'its rule is nested more than 40 levels deep' });
  });

  it('C-04 a rule sees the profile and nothing of what surrounds it', () => {
    expect(judgeRule({ '!!': [{ var: 'constructor' }] }, {})).toEqual(differs);
  });
});

function doubled(): JsonObject {
  return { cat: [{ var: 'accumulator' }, { var: 'accumulator' }] };
}
