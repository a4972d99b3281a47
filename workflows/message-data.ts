import type { JsonObject } from '../contracts/changes.ts';

/** Messages that carry data; the others take none, and do not look at what is sent with them: a pause is not held up by that. */
export type MessageWithData = 'approve' | 'reject' | 'setPace' | 'plan';

interface Member {
  /** What it must be. */
  says: string;
  fits: (value: unknown) => boolean;
  optional?: true;
}

const text: Member = {
  says: 'text that is not empty',
  fits: (value) => typeof value === 'string' && value.trim() !== '',
};

const pace: Member = {
  says: 'a number above 0, or null for no limit',
  fits: (value) => value === null || (typeof value === 'number' && Number.isFinite(value) && value > 0),
};

const count: Member = {
  says: 'a whole number from 0 on',
  fits: (value) => typeof value === 'number' && Number.isInteger(value) && value >= 0,
  optional: true,
};

const members: Readonly<Record<MessageWithData, Readonly<Record<string, Member>>>> = {
  approve: { by: text, planHash: text },
  reject: { by: text, reason: text, planHash: { ...text, optional: true } },
  setPace: { usersPerSecond: pace },
  plan: { offset: count, limit: count },
};

/** The data of each message as it should be; what stands in `<…>` is for people to fill in. */
export function exampleData(message: MessageWithData, planHash = "<the plan's hash>"): JsonObject {
  const by = '<your user id>';
  const examples: Record<MessageWithData, JsonObject> = {
    approve: { by, planHash },
    reject: { by, reason: '<why>' },
    setPace: { usersPerSecond: 50 },
    plan: { offset: 0, limit: 100 },
  };
  return examples[message];
}

/**
 * Why the data of a message cannot be taken, with every problem and an example; null when they can.
 *
 * @param planHash that of the plan that waits, for the example
 */
export function dataRefused(
  message: MessageWithData,
  given: readonly unknown[],
  planHash?: string | null,
): string | null {
  const problems = problemsOf(members[message], given);
  if (problems.length === 0) return null;
  const example = JSON.stringify(exampleData(message, planHash ?? undefined));
  return `${message}: ${problems.join('; ')}. For example: ${example}`;
}

function problemsOf(wanted: Readonly<Record<string, Member>>, given: readonly unknown[]): string[] {
  const [data = null, ...more] = given;
  if (more.length > 0) return ['takes one JSON object, not several'];
  const required = Object.values(wanted).some(({ optional }) => !optional);
  if (data === null) return required ? ['needs data, a JSON object'] : [];
  if (typeof data !== 'object' || Array.isArray(data)) return ['takes one JSON object'];
  return [...misfits(wanted, data as Readonly<Record<string, unknown>>), ...unknowns(wanted, data)];
}

function misfits(
  wanted: Readonly<Record<string, Member>>,
  data: Readonly<Record<string, unknown>>,
): string[] {
  return Object.entries(wanted).flatMap(([name, { says, fits, optional }]) => {
    const value = data[name];
    if (value === undefined) return optional ? [] : [`${name} is missing`];
    return fits(value) ? [] : [`${name} must be ${says}`];
  });
}

function unknowns(wanted: Readonly<Record<string, Member>>, data: object): string[] {
  return Object.keys(data)
    .filter((name) => !Object.hasOwn(wanted, name))
    .map((name) => `${name.slice(0, 50)} is not known here`);
}
