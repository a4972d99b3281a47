import type { EffectStatements, HostEffect, Sql } from '../../host-lms.ts';
import { registrationsOf, statusOf } from '../enrolments.ts';
import { countHistory, deleteHistory } from '../kept-history.ts';
import type { MoodlePolicy } from '../moodle-policy.ts';
import { askedRegistrations, lockEnrolments } from './asked-registrations.ts';
import { losesEnrolment } from './cohort-departure.ts';
import { leaveCourses } from './leave-courses.ts';
import { act } from './prelude.ts';
import { rewound } from './rejoin-groups.ts';

const forGood = askedRegistrations(`t.before ? 'history'`);

/**
 * `as_shown(key)`: registrations of which method, status and history are as was shown, and which nothing would bring back. Of somebody
 * who is not enrolled any more only the history is left.
 */
const asShown = (counted: string, policy: MoodlePolicy): string => /* sql */ `
  as_shown as materialized (
    select g.key from asked g
      left join (${registrationsOf('asked', policy)}) r on r.key = g.key
      left join (select k.key, jsonb_object_agg(k.kind, k.n) as kinds from (${counted}) k group by k.key) h on h.key = g.key
     where (r.key is not null or h.key is not null) and r.comes_back is null and r.holds_post is not true
       and g.before->>'method' = coalesce(r.method, 'admin') and g.before->>'status' = ${statusOf('g')}
       and g.before->'history' = coalesce(h.kinds, '{}'))`;

/** In the undo of an enrolment: only while nobody has begun with it, and nobody has touched it. */
const takenBack = /* sql */ `
  taken_back as (
    select distinct i.change_id
      from image i
      join {user_enrolments} x on x.id = (i.after->>'id')::bigint and to_jsonb(x) = i.after
      join {enrol} e on e.id = x.enrolid and e.enrol = 'manual'
     where i.table_name = '{user_enrolments}' and i.before is null
       and not exists (select from {user_lastaccess} l where l.userid = x.userid and l.courseid = e.courseid))`;

/** The course itself is lost too where no enrolment is left in it. */
const notEnrolled = /* sql */ `
  select g.key as change_id, g.userid, g.courseid, c.id as contextid
    from asked g join {context} c on c.contextlevel = 50 and c.instanceid = g.courseid
   where not exists (select from {enrol} e join {user_enrolments} ue on ue.enrolid = e.id and ue.userid = g.userid
                      where e.courseid = g.courseid)`;

const leaving = /* sql */ `
  leaving as materialized (
    select g.key as change_id, g.userid, e.id as enrolid
      from asked g join {enrol} e on e.courseid = g.courseid join {user_enrolments} ue on ue.enrolid = e.id and ue.userid = g.userid)`;

/** What is left of others: copies in child courses that are closed, the time on the groups. */
const ofOthers = ['altered_enrolments', 'timed_attempts', 'touched_groups'];

/**
 * registration.remove, which is two things. For good (R-03; `before` says how much history there is): every enrolment of the user in the
 * course, all that hangs on it, and the history, compared with what was shown, and without any image. In the undo of an
 * enrolment: that again.
 */
export function removeRegistrations(policy: MoodlePolicy): HostEffect {
  return { lock: lockEnrolments, statements: (sql) => statements(sql, policy) };
}

async function statements(sql: Sql, policy: MoodlePolicy): Promise<EffectStatements> {
  const { ctes } = leaveCourses(
    { policy: 'host', hangs: losesEnrolment, action: '0', alsoLost: notEnrolled },
    { prelude: [act, forGood, leaving].join(','), keepsCompletions: true },
  );
  return [
    {
      ctes: [
        forGood,
        asShown(await countHistory(sql, 'asked'), policy),
        takenBack,
        'decided as (select key as change_id from as_shown union select change_id from taken_back)',
      ].join(','),
      images: [],
    },
    { ctes: [forGood, await deleteHistory(sql, 'asked')].join(','), images: [] },
    { ctes, images: ofOthers },
    rewound,
  ];
}
