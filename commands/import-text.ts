import type { Bounded, ImportReport, RefusedLine } from '../contracts/imports.ts';
import { problemText } from '../imports/import-refused.ts';

/** How many lines of each list are shown; the rest is in the document that `--json` gives. */
const shown = 20;

/** The final check in its three lists (I-06). */
export function importText(report: ImportReport): string {
  const { will, cannot, problems } = report;
  const users = `${will.users} users${will.registrations === null ? '' : `, ${will.registrations} registrations`}`;
  return [
    `${whatFor(report)}: ${users}`,
    `Cannot be: ${cannot.count}`,
    ...listed(cannot, refusedText),
    `Lines that cannot be imported: ${problems.count} problems`,
    ...listed(problems, (problem) => `! ${problemText(problem)}`),
    will.users === 0
      ? 'There is nothing to start.'
      : `Nothing has changed yet. Start it with: import start ${report.import}`,
  ].join('\n');
}

function whatFor({ action, group, activities, includePrivateSubgroups }: ImportReport): string {
  const beside = includePrivateSubgroups ? ', private subgroups included' : '';
  switch (action) {
    case 'unenrol-users':
      return `Will be unenrolled (${activities.join(', ')})`;
    case 'remove-registrations':
      return `Registrations will be removed for good (${activities.join(', ')})`;
    case 'delete-users':
      return `Will be deleted${beside}`;
    case 'remove-from-group':
      return `Will be removed from the group ${group ?? ''}${beside}`;
  }
}

function listed<T>({ count, first }: Bounded<T>, textOf: (item: T) => string): string[] {
  const more = count > shown ? [`! and ${count - Math.min(shown, first.length)} more`] : [];
  return [...first.slice(0, shown).map(textOf), ...more];
}

function refusedText({ row, column, ref, user, activity, type, message }: RefusedLine): string {
  const what = activity === null ? '' : `, activity ${activity}`;
  return `! ${column ?? 'line '}${row}, ${ref} (user ${user}${what}): ${type}: ${message}`;
}
