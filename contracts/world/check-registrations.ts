import type { Check } from './inspection.ts';

/** Refuses registrations that are completed at no time, or at a time not completed. */
export const checkRegistrations: Check = ({ world, report }) => {
  world.registrations.forEach(({ status, completedAt }, i) => {
    if (status === undefined || completedAt === undefined) return;
    if (status === 'completed' && completedAt === null)
      report(['registrations', i, 'completedAt'], 'is missing');
    if (status !== 'completed' && completedAt !== null) {
      report(['registrations', i, 'completedAt'], `the status is ${status}`);
    }
  });
};
