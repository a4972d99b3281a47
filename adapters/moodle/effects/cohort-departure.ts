import type { MoodlePolicy } from '../moodle-policy.ts';
import { metaCopies } from './meta-copies.ts';
import { completion, sparing } from './spare-completed.ts';

/** What enrolments lose their ground, and what becomes of them. */
export interface Departure {
  policy: MoodlePolicy;
  /** When an enrolment `ue` by the instance `e` hangs on what the row `l` of `leaving` loses. */
  hangs: string;
  /** What becomes of it (0 = unenrol, 2 = suspend and keep the roles); the site's own setting where there is none. */
  action?: '0' | '2';
  /** Whether an instance that is closed already counts as it did when it was open: the operation has closed it itself. */
  closedByUs?: boolean;
  /** Which of the enrolments `j` are changed at all; all of them where nothing is said. */
  only?: string;
  /**
   * Whether an enrolment by a cohort that its user stays in ends by its date instead, now: opened or made again is what Moodle's own
   * synchronisation would do with one that is suspended or gone, while it leaves the dates alone (Moodle 4.5: read).
   */
  datesUpheld?: true;
  /**
   * Whether `leaving` says by `dies` which cohorts are deleted: with those Moodle deletes its methods, which unenrols, unless it is to
   * suspend without roles (3).
   */
  cohortsDie?: true;
  /** A select of `change_id, userid, courseid, contextid`: courses that are lost too, though no enrolment is left in them. */
  alsoLost?: string;
}

/** `leaving(change_id, userid, cohortid)`: who leaves a cohort loses every enrolment that it gave. */
export const leavesCohort = `e.enrol = 'cohort' and l.userid = ue.userid and l.cohortid = e.customint1`;

/** `leaving(change_id, userid, enrolid)`: single enrolments. */
export const losesEnrolment = `l.userid = ue.userid and l.enrolid = e.id`;

/**
 * `habit`: the settings of the two methods that follow somebody else's list (Moodle 4.5: read; 0 = unenrol, 2 = suspend and keep
 * the roles, 3 = suspend without them; enrol_cohort's default is 0, enrol_meta's 3).
 */
const habit = (departure: Departure): string => /* sql */ `
  habit as materialized (
    select act.now,
           ${actionOf(departure)} as cohort,
           coalesce((select value from {config_plugins} where plugin = 'enrol_meta' and name = 'unenrolaction'), '3') as meta,
           coalesce((select value from {config_plugins} where plugin = 'enrol_meta' and name = 'syncall'), '1')
             in ('', '0') as needs_role,
           string_to_array(coalesce((select value from {config_plugins} where plugin = 'enrol_meta' and name = 'nosyncroleids'), ''),
             ',') as unsynced,
           string_to_array(coalesce((select value from {config} where name = 'enrol_plugins_enabled'), ''), ',') as methods
      from act)`;

/** The site's setting. */
export const unenrolAction = /* sql */ `
  coalesce((select value from {config_plugins} where plugin = 'enrol_cohort' and name = 'unenrolaction'), '0')`;

function actionOf({ action, cohortsDie }: Departure): string {
  if (action !== undefined) return `'${action}'::text`;
  if (!cohortsDie) return unenrolAction;
  return `case when ${unenrolAction} = '2' and exists (select from leaving l where l.dies) then '0' else ${unenrolAction} end`;
}

/**
 * `held`: every enrolment of the users who leave; `going` are those that the cohort gave. Disabled instances count as well;
 * where the site suspends, what is suspended already stays as it is (Moodle 4.5: read). `opens` lets its user into the
 * course now; `copied` counts for courses that enrol_meta fills from this one.
 */
const held = ({ hangs, closedByUs, datesUpheld }: Departure): string => /* sql */ `
  held as materialized (
    select ue.id, ue.userid, ue.status, ue.timestart, ue.timeend,
           case ue.timeend when 0 then 'infinity'::float8 else ue.timeend end as until, e.id as enrolid, e.enrol, e.courseid,
           case e.enrol when 'meta' then e.customint1 end as parentid, l.change_id,
           l.change_id is not null and case when o.upheld then ue.status <> 1 or ue.timeend = 0 or ue.timeend > b.now
                                            else b.cohort = '0' or ue.status <> 1 end as going,
           l.change_id is not null and b.cohort = '0' and not o.upheld as deleted, o.upheld,
           e.enrol <> 'meta' and e.enrol = any (b.methods) as copied,
           ue.status = 0 and ${openInstance(closedByUs)} as active,
           ue.status = 0 and ${openInstance(closedByUs)} and ue.timestart <= b.now and (ue.timeend = 0 or ue.timeend > b.now) as opens
      from (select distinct userid from leaving) u
      join {user_enrolments} ue on ue.userid = u.userid
      join {enrol} e on e.id = ue.enrolid
     cross join habit b
     cross join lateral (select ${datesUpheld ? upheld : 'false'} as upheld) o
      left join leaving l on ${hangs})`;

/** Whether Moodle's own synchronisation keeps up the enrolment `ue` by the instance `e`: its user is in the cohort. */
export const upheld = /* sql */ `(
  e.enrol = 'cohort' and exists (select from {cohort_members} m where m.cohortid = e.customint1 and m.userid = ue.userid))`;

const openInstance = (closedByUs = false): string =>
  closedByUs ? '(e.status = 0 or l.change_id is not null)' : 'e.status = 0';

const weighed = ({ policy }: Departure): string => /* sql */ `
  weighed as materialized (
    select h.*, ${sparing(policy, 'h.going', 'h.deleted')} as spared
      from held h ${completion(policy)} window course as (partition by h.userid, h.courseid))`;

/**
 * `departing`: the enrolments that change or lose roles, and how. In a course that is spared the enrolment goes too, or
 * Moodle's own synchronisation would end it later: spare-completed.ts puts another in its place first.
 * `lost`: the courses in which no enrolment of any method or status is left; `id` is that of the last one.
 */
const outcome = ({ policy, only, alsoLost }: Departure): string => /* sql */ `
  judged as (
    select h.*, ${sparing(policy, `(h.fate is not null and h.fate <> 'retime')`, `(h.fate is not null and h.fate = 'delete')`)} as spared,
           bool_and(h.fate is not null and h.fate = 'delete') over course as emptied,
           row_number() over (partition by h.userid, h.courseid order by h.change_id desc, h.enrolid desc) as place
      from fates h ${completion(policy)} window course as (partition by h.userid, h.courseid)),
  departing as materialized (
    select j.*, c.id as contextid
      from judged j join {context} c on c.contextlevel = 50 and c.instanceid = j.courseid
     where (j.fate is not null or j.drops_all or j.drops_lost)${only === undefined ? '' : ` and ${only}`}),
  lost as materialized (
    select g.id, g.change_id, g.userid, g.courseid, g.contextid from departing g
     where g.emptied and not g.spared and g.place = 1
     ${alsoLost === undefined ? '' : `union all select 0, a.change_id, a.userid, a.courseid, a.contextid from (${alsoLost}) a`})`;

/**
 * CTEs that find out what becomes of enrolments whose ground is lost, from `leaving(change_id, userid, …)` and the rows as they
 * are: `departing` and `lost`. Nothing is changed yet.
 */
export function cohortDeparture(departure: Departure): string {
  return [habit(departure), held(departure), weighed(departure), metaCopies, outcome(departure)].join(',');
}
