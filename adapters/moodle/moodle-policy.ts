/**
 * Which habit holds where the rules and Moodle differ: `rules` hands on what a deleted author owns and keeps every
 * completion; `host` does what Moodle's own API does, row for row, and nothing more.
 */
export type MoodlePolicy = 'rules' | 'host';

/** What unenrolling does with an enrolment: `suspend` keeps all that hangs on it, `remove` takes grades and groups with it. */
export type MoodleUnenrol = 'suspend' | 'remove';
