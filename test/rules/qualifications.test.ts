import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../contracts/changes.ts';
import type { PersonFact } from '../../contracts/facts.ts';
import { enrol, missingRegistrations, requirements } from '../../rules/qualifications.ts';

const inSales = { '==': [{ var: 'team' }, 'sales'] };
const qualification = (id: string, rule: Json, ...activities: string[]) => ({ id, rule, activities });
const person = (user: string, profile: JsonObject, living = true): PersonFact => ({ user, living, profile });
const ada = person('ada', { team: 'sales' });

function names({ required }: ReturnType<typeof requirements>): string[] {
  return required.map((one) => `${one.user} ${one.activity} ${one.qualification}`);
}

describe('whom a qualification requires to be registered', () => {
  it('R-05 R-06 the living whose profile its rule matches, for each activity of it', () => {
    const people = [ada, person('bob', {}), person('old', { team: 'sales' }, false)];
    const found = requirements([qualification('q-1', inSales, 'c-1', 'p-1')], people);
    expect(names(found)).toEqual(['ada c-1 q-1', 'ada p-1 q-1']);
    expect(found.notes).toEqual([]);
  });

  it('R-05 once for each activity, because of the first that requires it', () => {
    const both = [qualification('q-1', inSales, 'c-1'), qualification('q-2', inSales, 'c-2', 'c-1')];
    expect(names(requirements(both, [ada]))).toEqual(['ada c-1 q-1', 'ada c-2 q-2']);
  });

  it.each([[{ throw: 'x' }], [{ var: 'team' }], [{ '+': [1, 1] }], [true], [null], ['x'], [[]]])(
    'R-05 a rule that is %j is told once, requires nothing, and says nothing of profiles',
    (rule) => {
      const all = [qualification('q-1', rule, 'c-1'), qualification('q-2', inSales, 'c-2')];
      const found = requirements(all, [ada, person('bob', { team: 'sales' })]);
      expect(names(found)).toEqual(['ada c-2 q-2', 'bob c-2 q-2']);
      expect(found.notes.map(({ subject }) => subject)).toEqual(['qualification q-1']);
      expect(JSON.stringify(found.notes)).not.toContain('sales');
    },
  );

  it('R-07 what somebody is registered for already is not missing', () => {
    const users = [{ ...ada, held: ['c-1', 'c-9'] }];
    const found = missingRegistrations([qualification('q-1', inSales, 'c-1', 'c-2')], users);
    expect(names(found)).toEqual(['ada c-2 q-1']);
  });

  it('R-05 R-07 enrols blank, and says by which rule', () => {
    const required = { user: 'ada', activity: 'c-1', qualification: 'q-1' };
    const after = {
      ...{ method: 'qualification', status: 'enrolled', access: true, listedAs: 'current', progress: 0 },
    };
    expect(enrol(required, 'removeRegistrations')).toMatchObject({
      before: null,
      after,
      reason: { rule: 'R-05' },
    });
    expect(enrol(required, 'enrolQualified')).toMatchObject({
      before: null,
      after,
      reason: { rule: 'R-07' },
    });
  });
});
