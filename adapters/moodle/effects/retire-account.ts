import type { HostEffect } from '../../host-lms.ts';
import type { MoodlePolicy } from '../moodle-policy.ts';
import { retireBelongings } from './retire-belongings.ts';
import { retireContext } from './retire-context.ts';
import { retireCourses } from './retire-courses.ts';
import { retireUser } from './retire-user.ts';

/**
 * account.retire (D-01): everything that Moodle's own delete_user does and the steps before have not done yet, in one
 * transaction, where Moodle itself takes none. First the user row, which decides and locks; then what hangs on it.
 */
export function retireAccount(policy: MoodlePolicy): HostEffect {
  return {
    statements: [
      retireUser,
      retireCourses({ dropCompletions: policy === 'host' }),
      retireBelongings,
      retireContext,
    ],
  };
}
