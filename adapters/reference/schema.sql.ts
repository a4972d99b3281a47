/**
 * The reference host's tables, in the schema `lms`: the world file (world.md) as rows with real constraints.
 * Ids sort by code point (collation C). Indexes serve the reads by user and by group.
 */
export const referenceSchema = /* sql */ `
create schema if not exists lms;

create table lms.account (
  id text collate "C" primary key check (id <> ''),
  email text not null,
  name text not null,
  status text not null check (status in ('active', 'deleted')),
  deleted_at timestamptz,
  deletion_kind text check (deletion_kind in ('manual', 'automatic')),
  deleted_by text collate "C",
  deletion_scheduled_on date,
  profile jsonb not null default '{}',
  check ((status = 'deleted') or (deleted_at is null and deletion_kind is null and deleted_by is null))
);
create unique index account_living_email on lms.account (lower(email)) where status = 'active';
create index account_email on lms.account (lower(email));
create index account_due on lms.account (deletion_scheduled_on) where status = 'active';

-- One row for each open login or token.
create table lms.login_session (
  id bigint generated always as identity primary key,
  user_id text collate "C" not null references lms.account
);
create index login_session_user on lms.login_session (user_id);

create table lms.user_group (
  id text collate "C" primary key check (id <> ''),
  name text not null,
  parent_id text collate "C" references lms.user_group deferrable initially deferred,
  visibility text not null check (visibility in ('public', 'private')),
  smart_rule jsonb,
  check (parent_id <> id)
);
create index user_group_parent on lms.user_group (parent_id);
create unique index user_group_one_root on lms.user_group ((true)) where parent_id is null;

create table lms.platform (
  singleton boolean primary key default true check (singleton),
  time_zone text not null,
  owner_id text collate "C" not null references lms.account,
  root_group_id text collate "C" not null references lms.user_group,
  seats integer check (seats >= 0)
);

create table lms.membership (
  group_id text collate "C" not null references lms.user_group,
  user_id text collate "C" not null references lms.account,
  role text not null check (role in ('learner', 'coach', 'author', 'user-admin', 'admin')),
  since timestamptz not null,
  primary key (user_id, group_id, role)
);
create index membership_group on lms.membership (group_id, role);

create table lms.course (
  id text collate "C" primary key check (id <> ''),
  title text not null,
  owner_group_id text collate "C" not null references lms.user_group,
  main_author_id text collate "C" not null references lms.account,
  parent_course_id text collate "C" references lms.course deferrable initially deferred,
  translation_of_id text collate "C" references lms.course deferrable initially deferred,
  enrolment text not null check (enrolment in ('self', 'admin', 'auto'))
);
create index course_main_author on lms.course (main_author_id);
create index course_owner_group on lms.course (owner_group_id);
create index course_parent on lms.course (parent_course_id);
create index course_translation on lms.course (translation_of_id);

create table lms.course_co_author (
  course_id text collate "C" not null references lms.course,
  user_id text collate "C" not null references lms.account,
  position integer not null,
  primary key (course_id, user_id)
);
create index course_co_author_user on lms.course_co_author (user_id);

create table lms.path (
  id text collate "C" primary key check (id <> ''),
  title text not null,
  owner_group_id text collate "C" not null references lms.user_group,
  main_author_id text collate "C" not null references lms.account,
  enrolment text not null check (enrolment in ('self', 'admin', 'auto'))
);
create index path_main_author on lms.path (main_author_id);
create index path_owner_group on lms.path (owner_group_id);

create table lms.path_co_author (
  path_id text collate "C" not null references lms.path,
  user_id text collate "C" not null references lms.account,
  position integer not null,
  primary key (path_id, user_id)
);
create index path_co_author_user on lms.path_co_author (user_id);

create table lms.path_course (
  path_id text collate "C" not null references lms.path,
  course_id text collate "C" not null references lms.course,
  position integer not null,
  primary key (path_id, course_id)
);
create index path_course_course on lms.path_course (course_id);

create table lms.group_course (
  group_id text collate "C" not null references lms.user_group,
  course_id text collate "C" not null references lms.course,
  primary key (group_id, course_id)
);
create index group_course_course on lms.group_course (course_id);

create table lms.group_path (
  group_id text collate "C" not null references lms.user_group,
  path_id text collate "C" not null references lms.path,
  primary key (group_id, path_id)
);
create index group_path_path on lms.group_path (path_id);

create table lms.path_session (
  id text collate "C" primary key check (id <> ''),
  path_id text collate "C" not null references lms.path,
  audience text not null check (audience in ('dynamic', 'static')),
  main_instructor_id text collate "C" not null references lms.account
);
create index path_session_path on lms.path_session (path_id);
create index path_session_main_instructor on lms.path_session (main_instructor_id);

create table lms.session_audience_group (
  session_id text collate "C" not null references lms.path_session,
  group_id text collate "C" not null references lms.user_group,
  primary key (session_id, group_id)
);
create index session_audience_group_group on lms.session_audience_group (group_id);

create table lms.session_co_instructor (
  session_id text collate "C" not null references lms.path_session,
  user_id text collate "C" not null references lms.account,
  position integer not null,
  primary key (session_id, user_id)
);
create index session_co_instructor_user on lms.session_co_instructor (user_id);

create table lms.session_participant (
  session_id text collate "C" not null references lms.path_session,
  user_id text collate "C" not null references lms.account,
  primary key (session_id, user_id)
);
create index session_participant_user on lms.session_participant (user_id);

create table lms.slot (
  id text collate "C" primary key check (id <> ''),
  session_id text collate "C" not null references lms.path_session,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  capacity integer check (capacity >= 0)
);
create index slot_session on lms.slot (session_id);

create table lms.slot_attendee (
  slot_id text collate "C" not null references lms.slot,
  user_id text collate "C" not null references lms.account,
  primary key (slot_id, user_id)
);
create index slot_attendee_user on lms.slot_attendee (user_id);

create table lms.activity (
  id text collate "C" primary key check (id <> ''),
  course_id text collate "C" not null references lms.course,
  kind text not null,
  title text not null,
  owner_id text collate "C" not null references lms.account
);
create index activity_course on lms.activity (course_id);
create index activity_owner on lms.activity (owner_id);

create table lms.item (
  id text collate "C" primary key check (id <> ''),
  kind text not null,
  author_id text collate "C" not null references lms.account,
  title text not null
);
create index item_author on lms.item (author_id);

-- A registration is for a course or a path; exactly one of the two is set.
create table lms.registration (
  user_id text collate "C" not null references lms.account,
  activity_id text collate "C" generated always as (coalesce(course_id, path_id)) stored,
  course_id text collate "C" references lms.course,
  path_id text collate "C" references lms.path,
  method text not null check (method in ('self', 'admin', 'auto', 'qualification')),
  status text not null check (status in ('enrolled', 'in_progress', 'completed')),
  access boolean not null,
  listed_as text not null check (listed_as in ('current', 'completed')),
  progress double precision not null,
  completed_at timestamptz,
  primary key (user_id, activity_id),
  check ((course_id is null) <> (path_id is null)),
  check ((status = 'completed') = (completed_at is not null))
);
create index registration_course on lms.registration (course_id);
create index registration_path on lms.registration (path_id);

create table lms.history (
  id bigint generated always as identity primary key,
  user_id text collate "C" not null references lms.account,
  course_id text collate "C" references lms.course,
  path_id text collate "C" references lms.path,
  kind text not null,
  at timestamptz not null,
  result jsonb not null,
  check ((course_id is null) <> (path_id is null))
);
create index history_user on lms.history (user_id);

create table lms.qualification (
  id text collate "C" primary key check (id <> ''),
  name text not null,
  rule jsonb not null
);

create table lms.qualification_activity (
  qualification_id text collate "C" not null references lms.qualification,
  course_id text collate "C" references lms.course,
  path_id text collate "C" references lms.path,
  check ((course_id is null) <> (path_id is null))
);
create unique index qualification_activity_once on lms.qualification_activity (qualification_id, coalesce(course_id, path_id));
`;
