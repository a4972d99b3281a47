/**
 * Who loses an enrolment on a host that keeps to its own habit when a link goes, and not to the C rules: everybody whom
 * the link had enrolled, completed or not. Whoever has another enrolment there keeps the content; the change says so.
 */
import type { PlannedChange } from '../contracts/changes.ts';
import type { EndingFact } from '../contracts/facts.ts';

/** @param rule the rule by which links are lost, as C-09 */
export function planEndings(endings: readonly EndingFact[], rule: string): PlannedChange[] {
  return endings.map(({ user, activity, method, status, access, listedAs, holders, keeps }) => ({
    step: 'deassignContent',
    kind: 'access.revoke',
    user,
    item: { activity },
    before: { access, method, status, listedAs },
    after: { access: keeps },
    reason: {
      rule,
      because: `the enrolment by ${holders.join(', ')} ends${keeps ? '; another one still gives access' : ''}`,
    },
  }));
}
