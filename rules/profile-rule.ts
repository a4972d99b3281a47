/**
 * Whether a profile matches a rule: who belongs in a smart group (C-04), and who needs a qualification.
 *
 * - Rules are JsonLogic. An attribute that is missing is null, and comparisons are those of the JsonLogic standard, which
 *   are JavaScript's: `"1" == 1`, but null equals nothing else than null.
 * - A rule may only say yes or no: whatever else comes out is no answer, nor is an error. Guessing from it would put
 *   people into groups, or take them out.
 * - Rules are small: what is larger or deeper than somebody would write by hand is refused unread.
 */
import { LogicEngine } from 'json-logic-engine';
import type { JsonObject } from '../contracts/changes.ts';

/** What a rule says of a profile: yes, no, or why it says neither. */
export type RuleVerdict = { matches: boolean } | { problem: string };

/** In characters of its JSON. */
const maxRuleSize = 20_000;
const maxRuleDepth = 40;
/** Lists and texts that a rule may make while it is evaluated. */
const maxArrayLength = 10_000;
const maxStringLength = 10_000;

type Comparison = (values: readonly unknown[]) => boolean;

const comparisons: Readonly<Record<string, Comparison>> = {
  '==': ([a, b]) => a == b,

  '!=': ([a, b]) => a != b,
  '<': ascending((a, b) => a < b),
  '<=': ascending((a, b) => a <= b),
  '>': ([a, b]) => comparable(a) > comparable(b),
  '>=': ([a, b]) => comparable(a) >= comparable(b),
};

const engine = createEngine();
const readable = new WeakMap<JsonObject, string | null>();

/** Judges a profile; the same rule object may be given again and again, and is checked and prepared once. */
export function judgeRule(rule: JsonObject, profile: JsonObject): RuleVerdict {
  const problem = problemOf(rule);
  if (problem !== null) return { problem };
  try {
    const matches: unknown = engine.run(rule, profile);
    return typeof matches === 'boolean' ? { matches } : { problem: 'its rule is neither true nor false' };
  } catch {
    // What the engine throws may hold values of the profile, which are personal data.
    return { problem: 'its rule cannot be evaluated' };
  }
}

function problemOf(rule: JsonObject): string | null {
  const known = readable.get(rule);
  if (known !== undefined) return known;
  const problem = tooLarge(rule);
  readable.set(rule, problem);
  return problem;
}

function tooLarge(rule: JsonObject): string | null {
  if (JSON.stringify(rule).length > maxRuleSize) return `its rule is longer than ${maxRuleSize} characters`;
  return depthOf(rule) > maxRuleDepth ? `its rule is nested more than ${maxRuleDepth} levels deep` : null;
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Object.values(value).reduce((deepest: number, member) => Math.max(deepest, depthOf(member)), 0);
}

/** The library's own `==` and the like throw where the standard compares, and take null for 0. */
function createEngine(): LogicEngine {
  const engine = new LogicEngine(undefined, { maxDepth: maxRuleDepth, maxArrayLength, maxStringLength });
  for (const [name, compare] of Object.entries(comparisons)) {
    engine.addMethod(name, { method: compare }, { deterministic: true });
  }
  return engine;
}

/** With three values: whether the second lies between the others. */
function ascending(inOrder: (a: number, b: number) => boolean): Comparison {
  return ([a, b, ...more]) => {
    if (!inOrder(comparable(a), comparable(b))) return false;
    return more.length === 0 || inOrder(comparable(b), comparable(more[0]));
  };
}

/** JavaScript's own comparison of whatever there is; TypeScript wants a number for it. */
function comparable(value: unknown): number {
  return value as number;
}
