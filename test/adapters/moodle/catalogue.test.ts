import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import type { MoodleSite } from './support/moodle-site.ts';
import { haveMoodle, openSite } from './support/moodle-site.ts';

const { catalogue } = moodleHost({ tablePrefix: 'mdl_', policy: 'rules' });

describe.skipIf(!haveMoodle)('courses by name', () => {
  let site: MoodleSite;
  beforeAll(async () => {
    site = await openSite();
  });
  afterAll(() => site.close());

  it('I-02 are found by title, short name or number, but the front page is none', async () => {
    const found = await catalogue.search(site.sql, 'cOURSE', 10);
    expect(found.slice(0, 2)).toEqual([
      { id: '2', type: 'course', title: 'Course 1' },
      { id: '3', type: 'course', title: 'Course 2' },
    ]);
    expect(await catalogue.search(site.sql, 'c2', 10)).toEqual([
      { id: '3', type: 'course', title: 'Course 2' },
    ]);
    expect((await catalogue.search(site.sql, ' 3 ', 1))[0]).toMatchObject({ id: '3' });
    expect(await catalogue.search(site.sql, 'Lab Moodle', 10)).toEqual([]);
    expect(await catalogue.search(site.sql, '%', 10)).toEqual([]);
  });

  it('I-03 are named by their numbers', async () => {
    expect(await catalogue.named(site.sql, ['4', '1', '999', 'c-1'])).toEqual([
      { id: '4', type: 'course', title: 'Course 3' },
    ]);
  });
});
