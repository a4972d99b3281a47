import { foreseen } from './decide-registrations.ts';
import { decisions } from './decisions.ts';
import type { OperationContext } from './planner.ts';
import type { ImportRow, ParsedImport, RefusedLine } from '../contracts/imports.ts';
import type { UserId } from '../contracts/ids.ts';

/** A line whose email names a user. */
export interface Person {
  row: ImportRow;
  user: UserId;
  living: boolean;
}

/** What of some lines will be carried out; and what cannot be, and why. */
export interface Verdicts {
  /** `activities`: of which registrations; null where the action is about the users themselves. */
  will: { person: Person; activities: string[] | null }[];
  cannot: RefusedLine[];
}

/** Judges people whose own accounts or memberships an action is about, by the rules of its operation. */
export async function judgePeople(context: OperationContext, people: readonly Person[]): Promise<Verdicts> {
  const living = people.filter((person) => person.living);
  const users = living.map(({ user }) => user);
  const settled = (await decisions[context.operation.kind].judge?.({ ...context, users })) ?? [];
  const verdicts = new Map(settled.map((settlement) => [settlement.user, settlement]));
  const cannot = people.flatMap((person): RefusedLine[] => {
    const verdict = verdicts.get(person.user);
    if (verdict?.state === 'accepted') return [];
    const line = {
      row: person.row.row,
      column: null,
      ref: person.row.email,
      user: person.user,
      activity: null,
    };
    if (verdict?.problem) return [{ ...line, ...verdict.problem }];
    const message = person.living ? 'is in none of the groups in question' : 'is deleted already';
    return [{ ...line, type: 'unchanged', message }];
  });
  const will = living.filter(({ user }) => verdicts.get(user)?.state === 'accepted');
  return { will: will.map((person) => ({ person, activities: null })), cannot };
}

/** Judges the marked registrations of people, one by one, by the rules of the action's operation. */
export async function judgeRegistrations(
  context: OperationContext,
  { columns }: ParsedImport,
  people: readonly Person[],
): Promise<Verdicts> {
  const marks = people.flatMap((person) =>
    person.row.marks.map((mark) => ({ person, ...(columns[mark] ?? { column: '', activity: '' }) })),
  );
  const named = marks.map(({ person: { user }, activity }) => ({ user, activity }));
  const settled = await foreseen(context, named);
  const accepted = new Map<Person, string[]>();
  const cannot = marks.flatMap(({ person, column, activity }, i): RefusedLine[] => {
    const { state, problem } = settled[i] ?? { state: 'unchanged' };
    if (state === 'accepted') {
      accepted.set(person, [...(accepted.get(person) ?? []), activity]);
      return [];
    }
    const { row, email: ref } = person.row;
    const refused = problem ?? { type: 'unchanged' as const, message: 'is not registered' };
    return [{ row, column, ref, user: person.user, activity, ...refused }];
  });
  return { will: Array.from(accepted, ([person, activities]) => ({ person, activities })), cannot };
}
