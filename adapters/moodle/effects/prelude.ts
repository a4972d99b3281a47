/**
 * `act(id, now)`: who acts, as Moodle's `userid`, and the clock in Moodle's seconds. Whoever is not a numbered user
 * (`system`) acts as the first site administrator, which is whom Moodle's own cron and scheduled tasks run as.
 */
export const act = /* sql */ `
  act as (
    select case when op.actor ~ '^[0-9]{1,18}$' then op.actor::bigint
                else (select split_part(value, ',', 1)::bigint from {config} where name = 'siteadmins') end as id,
           floor(extract(epoch from op.at))::bigint as now
      from op)`;

/** `shielded(id)`: accounts that Moodle never deletes: site administrators and the guest (Moodle 4.5: delete_user refuses them). */
export const shielded = /* sql */ `
  shielded as (
    select unnest(string_to_array(value, ','))::bigint as id from {config}
     where name in ('siteadmins', 'siteguest') and value ~ '^[0-9]+(,[0-9]+)*$')`;

/**
 * Whether anything is to be taken back at all: asked once and before anything else, so that a plan of thousands of new changes does
 * not go through millions of images for those that it has not.
 */
export const takesBack = 'exists (select from todo where undoes is not null)';

/**
 * `wanted(change_id, userid, item, before, after, undoes)`: the changes to carry out, without those of shielded accounts. Theirs become
 * conflicts, all of them, so that nothing of such an account changes.
 */
export const wanted = /* sql */ `
  ${shielded},
  wanted as materialized (
    select t.id as change_id, t.user_id::bigint as userid, t.item, t.before, t.after, t.undoes
      from todo t where t.user_id::bigint not in (select id from shielded))`;

/** `gone(change_id, userid)`: for the statements after the first: whose accounts have just been retired. */
export const gone = /* sql */ `
  gone as materialized (select t.id as change_id, t.user_id::bigint as userid from todo t)`;

/**
 * `authorship(id, userid, roleid, contextid, courseid)`: the role assignments that make somebody an author of a course: a role
 * of the archetype editingteacher in the course's own context. Copies that enrol_meta makes in a child course are
 * none: they say that somebody teaches the parent, come back by themselves and would make every author of
 * a parent an author of all its children.
 */
export const authorship = /* sql */ `
  select ra.id, ra.userid, ra.roleid, ra.contextid, c.instanceid as courseid
    from {role_assignments} ra
    join {role} r on r.id = ra.roleid and r.archetype = 'editingteacher'
    join {context} c on c.id = ra.contextid and c.contextlevel = 50
   where ra.component <> 'enrol_meta'`;

/**
 * Changes no row, only what the planner expects: of a plan that has just been written it knows nothing, takes it for one
 * row, and would compare thousands with thousands in nested loops. Of such a function it expects a thousand.
 */
export const expectMany = `cross join regexp_split_to_table('x', ',') as expect_many`;
