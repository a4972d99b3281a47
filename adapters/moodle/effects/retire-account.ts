import type { EffectStatement, HostEffect } from '../../host-lms.ts';
import type { MoodlePolicy } from '../moodle-policy.ts';
import { putBackRows } from './put-back.ts';
import { retireBelongings } from './retire-belongings.ts';
import { retireContext } from './retire-context.ts';
import { retireCourses } from './retire-courses.ts';
import { retireUser } from './retire-user.ts';
import { rewind, rewoundName } from './rewind.ts';

/**
 * Where it undoes a reinstatement: what the deletion of then had overwritten or made, and the reinstatement took back, is
 * again as it was.
 */
const asThen: EffectStatement = {
  ctes: [
    rewind('groups', ['timemodified']),
    rewind('course_modules_completion', ['completionstate', 'timemodified']),
    putBackRows([{ table: 'tool_dataprivacy_request' }]),
  ].join(','),
  images: [rewoundName('groups'), rewoundName('course_modules_completion'), 'put_back'],
};

/**
 * account.retire (D-01): everything that Moodle's own delete_user does and the steps before have not done yet, in one
 * transaction, where Moodle itself takes none. First the user row, which decides and locks; then what hangs on it.
 */
export function retireAccount(policy: MoodlePolicy): HostEffect {
  return {
    statements: [retireUser, asThen, retireCourses(policy), retireBelongings, retireContext],
  };
}
