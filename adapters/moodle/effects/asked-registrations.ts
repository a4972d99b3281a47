/**
 * `asked(key, userid, courseid, before)`: the registrations that the changes are about; `key` is the change.
 *
 * @param which a further condition on the change `t`
 */
export const askedRegistrations = (which = 'true'): string => /* sql */ `
  asked as materialized (
    select t.id as key, t.user_id::bigint as userid, (t.item->>'activity')::bigint as courseid, t.before
      from todo t where t.user_id ~ '^[0-9]{1,18}$' and t.item->>'activity' ~ '^[0-9]{1,18}$' and ${which})`;
