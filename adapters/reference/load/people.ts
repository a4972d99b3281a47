import { straight } from './table-load.ts';
import type { TableLoad } from './table-load.ts';

/** Accounts, logins, groups, the platform, memberships. */
export const people: readonly TableLoad[] = [
  straight(
    (world) => world.users,
    `insert into lms.account (id, email, name, status, deleted_at, deletion_kind, deleted_by, deletion_scheduled_on, profile)
     select id, email, name, status, "deletedAt", "deletionKind", "deletedBy", "deletionScheduledOn", profile
     from json_to_recordset($1) as r(id text, email text, name text, status text, "deletedAt" timestamptz,
       "deletionKind" text, "deletedBy" text, "deletionScheduledOn" date, profile jsonb)`,
  ),
  {
    rows: (world) => world.users.filter(({ loginSessions }) => loginSessions > 0),
    insert: `insert into lms.login_session (user_id)
     select id from json_to_recordset($1) as r(id text, "loginSessions" int), generate_series(1, "loginSessions")`,
  },
  straight(
    (world) => world.groups,
    `insert into lms.user_group (id, name, parent_id, visibility, smart_rule)
     select id, name, parent, visibility, "smartRule"
     from json_to_recordset($1) as r(id text, name text, parent text, visibility text, "smartRule" jsonb)`,
  ),
  straight(
    (world) => [world.platform],
    `insert into lms.platform (time_zone, owner_id, root_group_id, seats)
     select "timeZone", owner, "rootGroup", seats
     from json_to_recordset($1) as r("timeZone" text, owner text, "rootGroup" text, seats int)`,
  ),
  straight(
    (world) => world.memberships,
    `insert into lms.membership (group_id, user_id, role, since)
     select "group", "user", role, since
     from json_to_recordset($1) as r("group" text, "user" text, role text, since timestamptz)`,
  ),
];
