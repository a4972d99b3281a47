/**
 * SQL for 'is one of the ids in `$1`'. Not `= any($1)`: the planner compares every element of that with the column's
 * most common values, which for the 3,000 users of a chunk takes several times as long as the read itself.
 */
export const amongIds = 'in (select unnest($1::text[]))';
