/**
 * SQL for 'is one of the ids in `$1`'. Not `= any($1)`: the planner compares every element of that with the column's
 * most common values, which for the 3,000 users of a chunk takes several times as long as the read itself.
 */
export const amongIds = 'in (select unnest($1::text[]))';

/**
 * The same for ids of which there are few, and of which each may have a great share of the rows, as a group of its members: here
 * it pays that the planner looks how many they are.
 */
export const amongFewIds = '= any($1::text[])';
