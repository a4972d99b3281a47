import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { explainUser } from '../../../commands/explain.ts';
import { takeContent } from './support/content.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });
const { content } = host;

let site: MoodleSite;
beforeAll(async () => {
  if (haveMoodle) site = await openSite();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  if (haveMoodle) await site.close();
});

const groups = ['cohort:1', 'cohort:2', 'cohort:99', 'category:2'];
const scope = { groups, changing: groups, paths: [], activities: [] };

describe.skipIf(!haveMoodle)('facts of content', () => {
  test('what cohorts hold: open methods, templates; nothing hangs below a course or path', async () => {
    const facts = await content?.facts(site.sql, [], scope);
    const held = (holder: string, activity: string) => ({ holder, activity });
    expect(facts).toEqual({
      groupCourses: [held('cohort:1', '2'), held('cohort:1', '3'), held('cohort:2', '3')],
      groupPaths: [held('cohort:2', 'template:1')],
      pathCourses: [],
      courseTree: [],
      enrolments: [
        { activity: '2', method: 'admin' },
        { activity: '3', method: 'admin' },
      ],
      registrations: [],
    });
  });

  test('who is in the cohorts that hold a course or a template, and in those that lose it', async () => {
    const linking = async (of: string[], activities: string[]): Promise<string[]> => {
      const found = await content?.linkingGroups(site.sql, users, { groups: of, activities });
      return (found ?? []).map(({ user, group }) => `${user} ${group}`);
    };
    const { rows } = await site.sql.query<{ member: string }>(
      `select m.userid || ' cohort:' || m.cohortid as member from mdl_cohort_members m order by m.userid, m.cohortid`,
    );
    const users = rows.map(({ member }) => member.split(' ')[0] ?? '');
    const all = rows.map(({ member }) => member);
    const of = (group: string): string[] => all.filter((member) => member.endsWith(` ${group}`));
    expect(of('cohort:1').length).toBeGreaterThan(0);
    expect(await linking([], ['2'])).toEqual(of('cohort:1'));
    expect(await linking([], ['template:1'])).toEqual(of('cohort:2'));
    expect(await linking(['cohort:2'], ['2'])).toEqual(all.filter((member) => /cohort:[12]$/.test(member)));
    expect(await linking(['category:2'], ['99', 'x'])).toEqual([]);
  });

  test('all enrolments of a user in a course are one registration; a plan is auto', async () => {
    await site.sql.query(`update mdl_user_enrolments set status = 1 where id = 19`);
    const facts = await content?.facts(site.sql, ['3', '5', '6', '7', '8', 'x'], {
      ...scope,
      activities: ['4'],
    });
    expect(
      facts?.registrations.map(({ user, activity, method, status, access, listedAs, ownLink }) =>
        [user, activity, method, status, access, listedAs, ownLink].join(' '),
      ),
    ).toEqual([
      '3 2 self completed true completed true',
      '3 4 auto enrolled true current true',
      '5 2 admin completed true completed false',
      '5 3 admin enrolled true current false',
      '5 4 admin enrolled true current true',
      '6 2 admin completed true completed true',
      '6 3 admin enrolled true current false',
      '6 4 auto enrolled true current true',
      '7 2 admin completed true completed true',
      '7 3 admin completed true completed true',
      '7 4 admin enrolled true current true',
      '8 2 admin enrolled false current false',
      '8 4 auto enrolled false current false',
      '5 template:1 auto in_progress true current ',
      '7 template:1 auto completed true completed ',
    ]);
  });

  test.each([
    ['suspended', 'update mdl_user_enrolments set status = 1 where id = 30'],
    ['not yet', 'update mdl_user_enrolments set timestart = 4000000000 where id = 30'],
    ['over', 'update mdl_user_enrolments set timeend = 5 where id = 30'],
    ['closed', 'update mdl_enrol set status = 1 where id = 11'],
  ])('an enrolment that is %s lets nobody in', async (_, change) => {
    const seen = site.transaction(async (sql) => {
      await sql.query(change);
      const facts = await content?.facts(sql, ['6'], { ...scope, activities: ['3'] });
      throw new Error(String(facts?.registrations.find(({ activity }) => activity === '3')?.access));
    });
    await expect(seen).rejects.toThrow('false');
  });

  test('courses and paths that there are', async () => {
    expect(await content?.unknown(site.sql, 'course', ['2', '1', '99', 'template:1', '4'])).toEqual([
      '1',
      '99',
      'template:1',
    ]);
    expect(await content?.unknown(site.sql, 'path', ['template:1', 'template:9', '1'])).toEqual([
      '1',
      'template:9',
    ]);
    expect(await content?.findPath(site.sql, 'template:1')).toEqual({
      id: 'template:1',
      ownerGroup: 'system',
      authors: [],
    });
    expect(await content?.findPath(site.sql, '1')).toBeNull();
  });

  test('whom a cohort holds: members, and who is still enrolled by it; page by page', async () => {
    await site.sql.query(`delete from mdl_cohort_members where cohortid = 1 and userid = 6`);
    await site.sql.query(`update mdl_user set deleted = 1 where id = 7`);
    const members = (after: string | null, limit: number) =>
      content?.members(site.sql, { group: 'cohort:1' }, after, limit);
    expect(await members(null, 9)).toEqual(['5', '6']);
    expect(await members(null, 1)).toEqual(['5']);
    expect(await members('5', 9)).toEqual(['6']);
    expect(await content?.members(site.sql, { path: 'template:1' }, null, 9)).toEqual(['5']);
    await site.sql.query(`insert into mdl_cohort_members (cohortid, userid, timeadded) values (1, 6, 1)`);
    await site.sql.query(`update mdl_user set deleted = 0 where id = 7`);
  });

  test.each([
    ['groupCourse', 'category:2', 'only cohorts hold courses and learning paths: category:2'],
    ['groupPath', 'course-group:1', 'only cohorts hold courses and learning paths: course-group:1'],
    ['groupCourse', 'system', 'lets nobody into it'],
  ] as const)('%s of %s: Moodle has no counterpart', (type, holder, sentence) => {
    expect(content?.unsupported?.({ type, holder, activities: [] })).toContain(sentence);
  });

  test('X-13 explain: why a user has, or has lost, a course', async () => {
    vi.stubEnv('DATABASE_URL', site.url);
    vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
    vi.stubEnv('LMS_ADAPTER', 'moodle');
    const told = async (user: string) => (await explainUser(user, { activity: '3' })).text;
    expect(await told('6')).toContain('may view 3 (admin, enrolled); linked by group cohort:1');
    expect(await told('7')).toContain('linked by group cohort:1, group cohort:2, its own enrolment');
    await takeContent(site, host, { group: 'cohort:1', courses: ['3'] });
    const lost = await told('6');
    expect(lost).toContain('is de-assigned from 3 (admin, enrolled); nothing links to it');
    expect(lost).toContain('C-09: the last link is lost: group cohort:1');
    expect(await told('5')).toContain('may view 3 (admin, enrolled); linked by group cohort:2');
  });
});
