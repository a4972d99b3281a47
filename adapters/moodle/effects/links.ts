import type { EffectStatement, HostEffect } from '../../host-lms.ts';
import type { MoodlePolicy } from '../moodle-policy.ts';
import { cohortDeparture, losesEnrolment } from './cohort-departure.ts';
import type { Departure } from './cohort-departure.ts';
import { flagDirtyCourses } from './dirty-users.ts';
import { dropInstances } from './drop-instances.ts';
import { instances } from './instances.ts';
import { leaveCourses } from './leave-courses.ts';
import { logEvents } from './log-events.ts';
import { act } from './prelude.ts';
import { putBack, putBackRows } from './put-back.ts';
import { consequences, rewound } from './rejoin-groups.ts';
import { homeless } from './spare-completed.ts';

/** A path is taken from a cohort by the row that links them. Plans stay, as after Moodle's own API (docs/rules.md). */
const leftTemplates = /* sql */ `
  left_templates as (
    delete from {competency_templatecohort} x using todo t
     where t.item->>'type' = 'groupPath' and 'cohort:' || x.cohortid = t.item->>'holder'
       and 'template:' || x.templateid = t.item->>'activity'
    returning t.id as change_id, '{competency_templatecohort}' as table_name, to_jsonb(x) as before, null::jsonb as after)`;

/** Closed, nobody is let in by it and Moodle's synchronisation enrols nobody any more; who is enrolled stays so. */
const closed = (only: string): string => /* sql */ `
  closed as (
    update {enrol} x set status = 1 from instances i where x.id = i.id ${only}
    returning i.change_id, '{enrol}' as table_name, i.image as before, to_jsonb(x) as after, x.courseid)`;

const loggedClosing = logEvents(
  'logged_closing',
  {
    event: 'enrol_instance_updated',
    action: 'updated',
    target: 'enrol_instance',
    objecttable: 'enrol',
    crud: 'u',
  },
  /* sql */ `
    select (k.after->>'id')::bigint as objectid, c.id as contextid, k.courseid, null::bigint as relateduserid,
           '{"enrol":"cohort"}' as other
      from closed k join {context} c on c.contextlevel = 50 and c.instanceid = k.courseid`,
);

/**
 * Those users of the instances that are being closed who have completed the course: what they would lose is replaced (C-02).
 *
 * @param which of the instances `i`: closed ones of before let nobody in
 */
const completers = (which: string): string => /* sql */ `
  leaving as materialized (
    select i.change_id, ue.userid, i.id as enrolid
      from instances i
      join {user_enrolments} ue on ue.enrolid = i.id
      join {course_completions} k on k.userid = ue.userid and k.course = i.courseid and k.timecompleted > 0
     where ${which})`;

const stillOpen = 'i.status = 0';
const justClosed = /* sql */ `
  exists (select from lms_lifecycle.row_image m
           where m.change_id = i.change_id and m.table_name = '{enrol}' and (m.after->>'id')::bigint = i.id)`;

const sparing: Departure = {
  policy: 'rules',
  hangs: losesEnrolment,
  action: '2',
  closedByUs: true,
  only: 'j.spared',
};

const decided = 'decided as (select change_id from left_templates union select change_id from closed)';
const images = ['left_templates', 'closed'];

/** What is closed already is no link. One that somebody would lose a completed course with stays open: a conflict. */
const closeByRules: EffectStatement = {
  ctes: [
    act,
    instances,
    completers(stillOpen),
    cohortDeparture(sparing),
    homeless,
    leftTemplates,
    closed('and i.status = 0 and i.change_id not in (select change_id from homeless)'),
    loggedClosing,
    flagDirtyCourses('closed'),
    decided,
  ].join(','),
  images,
};

const closeByHabit: EffectStatement = {
  ctes: [instances, leftTemplates, closed(''), decided].join(','),
  images,
};

/**
 * link.remove (C-09, C-10): a course leaves a cohort with the instances of enrol_cohort that join them. Where the rules hold, these are
 * closed and stay, with the suspended enrolments in them; whoever has completed the course and sees it by nothing else gets a
 * manual enrolment in the same transaction. Under the policy `host` they are closed at first, so that nobody comes in any more while
 * the users are worked through, and deleted by whichever change comes last.
 */
export function removeLinks(policy: MoodlePolicy): HostEffect {
  if (policy === 'host') return { statements: [closeByHabit, ...dropInstances] };
  const prelude = [act, instances, completers(justClosed)].join(',');
  return { statements: [closeByRules, leaveCourses(sparing, { prelude })] };
}

/**
 * An instance that is there as the removal left it, or comes back as such, by this statement or by that of a user's chunk
 * (access.ts): its status is set right by the next statement.
 */
const reopening = /* sql */ `
  decided as (
    select change_id from put_back
     union
    select i.change_id from image i join {enrol} x on x.id = (i.after->>'id')::bigint
     where i.table_name = '{enrol}' and i.before->>'status' is distinct from i.after->>'status'
       and x.status = (i.after->>'status')::bigint
     union
    select i.change_id from image i
      join {course} c on c.id = (i.before->>'courseid')::bigint
      join {cohort} h on h.id = (i.before->>'customint1')::bigint
     where i.table_name = '{enrol}' and i.after is null)`;

/** link.add in an undo. */
export const restoreLinks: HostEffect = {
  statements: [
    {
      ctes: [
        putBackRows([
          {
            table: 'competency_templatecohort',
            needs: { templateid: 'competency_template', cohortid: 'cohort' },
          },
          { table: 'enrol', needs: { courseid: 'course', customint1: 'cohort' } },
        ]),
        reopening,
      ].join(','),
      images: ['put_back'],
    },
    rewound,
    putBack(consequences),
  ],
};
