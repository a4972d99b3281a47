/**
 * SQL for 'is one of the ids in `$1`'. The array comes by way of a subquery so that the planner does not see its
 * elements: it would compare each of them with the column's most common values, which for the 3,000 users of
 * a chunk takes several times as long as the read itself.
 */
export const amongIds = '= any ((select $1::text[])::text[])';
