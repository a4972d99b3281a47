/** Where starters put operations and workers fetch them (spec: interface). */
export const taskQueue = 'lms-lifecycle';
