/** Where the reference host keeps a kind of item that has a main holder and a co-list. */
export interface OwnableTable {
  type: 'course' | 'path' | 'session';
  table: string;
  mainColumn: string;
  coTable: string;
  coItemColumn: string;
}

export const ownableTables: readonly OwnableTable[] = [
  {
    type: 'course',
    table: 'lms.course',
    mainColumn: 'main_author_id',
    coTable: 'lms.course_co_author',
    coItemColumn: 'course_id',
  },
  {
    type: 'path',
    table: 'lms.path',
    mainColumn: 'main_author_id',
    coTable: 'lms.path_co_author',
    coItemColumn: 'path_id',
  },
  {
    type: 'session',
    table: 'lms.path_session',
    mainColumn: 'main_instructor_id',
    coTable: 'lms.session_co_instructor',
    coItemColumn: 'session_id',
  },
];
