import { describe, expect, it } from 'vitest';
import type { ContentFacts, RegistrationFact } from '../../contracts/facts.ts';
import { planContent } from '../../rules/content.ts';
import { planEndings } from '../../rules/endings.ts';
import { noLinks } from '../../rules/links.ts';

const registration: RegistrationFact = {
  user: 'ada',
  activity: 'c',
  method: 'admin',
  status: 'in_progress',
  access: true,
  listedAs: 'current',
};

function facts(ownLink: boolean | undefined): ContentFacts {
  return {
    groupCourses: [],
    groupPaths: [],
    pathCourses: [],
    courseTree: [],
    enrolments: [],
    registrations: [{ ...registration, ...(ownLink !== undefined && { ownLink }) }],
  };
}

describe('C a registration with a link of its own beside the groups', () => {
  it.each([
    [true, []],
    [false, ['access.revoke']],
    [undefined, ['access.revoke']],
  ])('ownLink %s', (ownLink, kinds) => {
    const lost = { ...noLinks, groupCourses: [{ holder: 'g', activity: 'c' }] };
    const move = { user: 'ada', before: ['g'], after: ['g'] };
    const changes = planContent(facts(ownLink), [move], { rule: 'C-09', cascade: 'always', lost });
    expect(changes.map(({ kind }) => kind)).toEqual(kinds);
  });
});

describe('endings by the habit of the host', () => {
  const ending = { ...registration, holders: ['g', 'h'], keeps: false };

  it('C-09 end what the link gave, completed or not', () => {
    const completed = { ...ending, user: 'bob', status: 'completed', listedAs: 'completed' } as const;
    const [first, second] = planEndings([ending, completed], 'C-09');
    expect(first).toEqual({
      step: 'deassignContent',
      kind: 'access.revoke',
      user: 'ada',
      item: { activity: 'c' },
      before: { access: true, method: 'admin', status: 'in_progress', listedAs: 'current' },
      after: { access: false },
      reason: { rule: 'C-09', because: 'the enrolment by g, h ends' },
    });
    expect(second).toMatchObject({ user: 'bob', before: { status: 'completed' } });
  });

  it('say so where another enrolment keeps the content', () => {
    const [change] = planEndings([{ ...ending, keeps: true }], 'C-09');
    expect(change?.after).toEqual({ access: true });
    expect(change?.reason.because).toBe('the enrolment by g, h ends; another one still gives access');
  });
});
