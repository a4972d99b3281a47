/**
 * A platform for the content benchmark: everybody is in the group `g-course`, which holds the course `c-x`, and a third is in
 * `g-other`, which holds it too; and everybody is in one of 200 smart groups by the team in the profile, each with a
 * course of its own. `:users` is a number.
 */
export const smartGroups = 200;

export const contentWorld = /* sql */ `
insert into lms.account (id, email, name, status, profile)
  select format('u-%s', lpad(n::text, 7, '0')), format('user-%s@example.org', n), format('User %s', n), 'active',
         jsonb_build_object('team', format('t-%s', n % ${smartGroups}), 'city', 'Delft', 'level', n % 7)
    from generate_series(1, :users) n;
insert into lms.account (id, email, name, status) values ('u-owner', 'owner@example.org', 'Owner', 'active');
insert into lms.user_group (id, name, parent_id, visibility) values
  ('g-root', 'Everybody', null, 'public'), ('g-course', 'Course', 'g-root', 'public'), ('g-other', 'Other', 'g-root', 'public');
insert into lms.user_group (id, name, parent_id, visibility, smart_rule)
  select format('g-%s', n), format('Team %s', n), 'g-root', 'public',
         jsonb_build_object('==', jsonb_build_array(jsonb_build_object('var', 'team'), format('t-%s', n)))
    from generate_series(0, ${smartGroups - 1}) n;
insert into lms.platform (time_zone, owner_id, root_group_id) values ('Europe/Amsterdam', 'u-owner', 'g-root');
insert into lms.course (id, title, owner_group_id, main_author_id, enrolment) values ('c-x', 'X', 'g-root', 'u-owner', 'self');
insert into lms.course (id, title, owner_group_id, main_author_id, enrolment)
  select format('c-%s', n), format('Course %s', n), 'g-root', 'u-owner', 'admin' from generate_series(0, ${smartGroups - 1}) n;
insert into lms.group_course (group_id, course_id)
  select format('g-%s', n), format('c-%s', n) from generate_series(0, ${smartGroups - 1}) n;
insert into lms.group_course (group_id, course_id) values ('g-course', 'c-x'), ('g-other', 'c-x');
insert into lms.membership (group_id, user_id, role, since)
  select v.id, format('u-%s', lpad(n::text, 7, '0')), 'learner', '2020-01-01T00:00:00Z'
    from generate_series(1, :users) n
   cross join lateral (values ('g-course'), (case when n % 3 = 0 then 'g-other' end), (format('g-%s', n % ${smartGroups}))) v (id)
   where v.id is not null;
insert into lms.registration (user_id, course_id, method, status, access, listed_as, progress)
  select format('u-%s', lpad(n::text, 7, '0')), v.id, 'self', 'in_progress', true, 'current', 0.5
    from generate_series(1, :users) n
   cross join lateral (values ('c-x'), (format('c-%s', n % ${smartGroups}))) v (id);`;
