import { describe, expect, it } from 'vitest';
import type { RegistrationFact, RegistrationFacts } from '../../contracts/facts.ts';
import { systemActor } from '../../contracts/ids.ts';
import { removalJudge, removeForGood, unenrol, unenrolmentJudge } from '../../rules/registrations.ts';

const platform = { owner: 'u-1', rootGroup: 'g-1', timeZone: 'UTC' };
const ada: RegistrationFact = {
  ...{ user: 'ada', activity: 'c-1', method: 'auto', status: 'completed' },
  ...{ access: true, listedAs: 'completed' },
};
const facts: RegistrationFacts = {
  users: [
    { id: 'ada', living: true },
    { id: 'old', living: false },
  ],
  activities: [{ id: 'c-1', ownerGroup: 'g-2' }],
  registrations: [ada, { ...ada, user: 'old' }],
};

describe('what becomes of a registration that somebody names', () => {
  const unenrolment = unenrolmentJudge(facts, systemActor, platform);
  const removal = removalJudge(facts, systemActor, platform);

  it.each([
    ['R-04', 'ada', 'c-1', 'accepted', 'accepted'],
    ['R-04 R-05', 'old', 'c-1', 'NotFound', 'accepted'],
    ['R-04', 'ada', 'c-2', 'NotFound', 'NotFound'],
    ['R-04', 'bob', 'c-1', 'NotFound', 'unchanged'],
  ])('%s %s and %s: to unenrol is %s, to remove is %s', (_, user, activity, unenrolled, removed) => {
    const verdicts = [unenrolment, removal].map((judge) => judge({ user, activity }));
    expect(verdicts.map((verdict) => (verdict.is === 'refused' ? verdict.problem.type : verdict.is))).toEqual(
      [unenrolled, removed],
    );
  });

  it('R-04 ids that run together are told apart', () => {
    const close = { ...facts, registrations: [{ ...ada, user: 'ada c', activity: '-1' }] };
    expect(removalJudge(close, systemActor, platform)(ada)).toEqual({ is: 'unchanged' });
  });

  it('R-01 completed or not, it is listed under Completed without access; before says how it was', () => {
    expect(unenrol(ada)).toMatchObject({
      ...{ before: { access: true, listedAs: 'completed' }, after: { access: false, listedAs: 'completed' } },
    });
    expect(unenrol({ ...ada, access: false, listedAs: 'current' })).toMatchObject({
      ...{ before: { access: false, listedAs: 'current' }, after: { access: false, listedAs: 'completed' } },
    });
  });

  it('R-03 what is removed says what kind and how many, no more', () => {
    expect(removeForGood(ada, { attempt: 2 })).toMatchObject({
      ...{ before: { method: 'auto', status: 'completed', history: { attempt: 2 } }, after: null },
    });
  });
});
