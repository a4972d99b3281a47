import { describe, expect, test } from 'vitest';
import { moodleHost } from '../../../adapters/moodle/moodle-host.ts';
import { expectMeasured } from './support/compare-measured.ts';
import { parseMeasured } from './support/measured-changes.ts';
import { haveMoodle, openSite, readMeasured } from './support/moodle-site.ts';
import { deleteUsers, removeFromGroups } from './support/operations.ts';
import { diff, snapshot } from './support/table-diff.ts';

const host = moodleHost({ tablePrefix: 'mdl_', policy: 'host' });

/**
 * Deleting, Moodle takes a parent enrolment first, which suspends the copy in a child course for a moment before that is
 * deleted too; the adapter deletes both at once.
 */
const passing = ['\\core\\event\\user_enrolment_updated'];

describe.skipIf(!haveMoodle)('policy host: row for row what Moodle does', () => {
  test.each([
    ['del_learner1', '3'],
    ['del_learner5_full', '7'],
    ['del_learner3_cohort', '5'],
    ['del_teacher1_author', '9'],
    ['del_pathowner1', '13'],
  ])('%s', async (name, user) => {
    const measured = parseMeasured(await readMeasured(name));
    const site = await openSite();
    try {
      const before = await snapshot(site.sql);
      const { states } = await deleteUsers(site, host, [user]);
      expect(states.filter(({ state }) => state !== 'applied')).toEqual([]);
      expectMeasured(measured, diff(before, await snapshot(site.sql)), passing);
    } finally {
      await site.close();
    }
  });

  test.each([
    ['cohort_remove_C1_learner3', 'cohort:1', '5', '0'],
    ['cohort_remove_C1_learner3_unenrolaction2_suspend', 'cohort:1', '5', '2'],
    ['cohort_remove_C1_learner3_unenrolaction3_suspendnoroles', 'cohort:1', '5', '3'],
    ['cohort_remove_C1_learner4_has_manual_self', 'cohort:1', '6', '0'],
    ['cohort_remove_C2_learner5', 'cohort:2', '7', '0'],
    // Moodle's own synchronisation, which ran after this one, found nothing left to do.
    ['cohort_remove_C2_learner5_then_cron', 'cohort:2', '7', '0'],
    ['group_remove_G1_learner1', 'course-group:1', '3', '0'],
    ['group_remove_G3_learner5_msg', 'course-group:3', '7', '0'],
  ])('%s', async (name, group, user, unenrolAction) => {
    const measured = parseMeasured(await readMeasured(name));
    measured.delete('mdl_config_plugins'); // the setting itself, which the measurement made first
    const site = await openSite();
    try {
      await site.sql.query(
        `update mdl_config_plugins set value = $1 where plugin = 'enrol_cohort' and name = 'unenrolaction'`,
        [unenrolAction],
      );
      const before = await snapshot(site.sql);
      const { states } = await removeFromGroups(site, host, [user], [group]);
      expect(states.map(({ state }) => state)).toEqual(['applied']);
      expectMeasured(measured, diff(before, await snapshot(site.sql)));
    } finally {
      await site.close();
    }
  });
});
