import type { EffectStatement } from '../../host-lms.ts';
import { deleteRows, doomedName } from './doomed-rows.ts';
import type { DoomedRows } from './doomed-rows.ts';
import { logEvents } from './log-events.ts';
import { act, gone } from './prelude.ts';

/**
 * What belongs to the account itself (Moodle 4.5: measured): settings, profile, every login, token and key, what
 * it subscribed, its learning plans and competencies. Its own, course and group events stay; of a calendar feed that it
 * subscribed the events go with the feed.
 */
export const belongings: readonly DoomedRows[] = [
  { table: 'cohort_members', needs: { cohortid: 'cohort' } },
  { table: 'user_preferences' },
  { table: 'user_info_data', needs: { fieldid: 'user_info_field' } },
  { table: 'user_password_history' },
  { table: 'user_private_key' },
  { table: 'external_tokens', needs: { externalserviceid: 'external_services' } },
  { table: 'external_services_users', needs: { externalserviceid: 'external_services' } },
  { table: 'oauth2_refresh_token' },
  { table: 'auth_oauth2_linked_login' },
  { table: 'tool_cohortroles', needs: { cohortid: 'cohort', roleid: 'role' } },
  { table: 'tool_monitor_subscriptions' },
  { table: 'sessions' },
  { table: 'my_pages', where: 'x.userid = g.userid and x.private = 1' },
  { table: 'event', where: 'x.userid = g.userid and x.subscriptionid is not null' },
  { table: 'event_subscriptions' },
  {
    table: 'competency_evidence',
    via: 'join {competency_usercomp} uc on uc.userid = g.userid',
    where: 'x.usercompetencyid = uc.id',
  },
  { table: 'competency_usercomp', needs: { competencyid: 'competency' } },
  { table: 'competency_usercompcourse', needs: { competencyid: 'competency', courseid: 'course' } },
  { table: 'competency_usercompplan', needs: { competencyid: 'competency' } },
  {
    table: 'competency_plancomp',
    via: 'join {competency_plan} p on p.userid = g.userid',
    where: 'x.planid = p.id',
    needs: { competencyid: 'competency' },
  },
  { table: 'competency_plan' },
  {
    table: 'competency_userevidencecomp',
    via: 'join {competency_userevidence} ue on ue.userid = g.userid',
    where: 'x.userevidenceid = ue.id',
    needs: { competencyid: 'competency' },
  },
  { table: 'competency_userevidence' },
];

/** Interests. They come back after the tags themselves (`lateBelongings`). */
export const interests: DoomedRows = {
  table: 'tag_instance',
  where: `x.component = 'core' and x.itemtype = 'user' and x.itemid = g.userid`,
  needs: { tagid: 'tag' },
};

/** Tags that nothing else carries go too, unless the site has declared them standard (Moodle 4.5: measured). */
const unusedTags = /* sql */ `
  doomed_tag as (
    delete from {tag} x
     using (select min(i.change_id) as change_id, (i.before->>'tagid')::bigint as tagid
              from doomed_tag_instance i group by 2) o
     where x.id = o.tagid and x.isstandard = 0
       and not exists (select from {tag_instance} other where other.tagid = x.id
                          and other.id not in (select (i.before->>'id')::bigint from doomed_tag_instance i))
    returning o.change_id, '{tag}' as table_name, to_jsonb(x) as before, null::jsonb as after)`;

const logs = [
  logEvents(
    'logged_tags_removed',
    { event: 'tag_removed', action: 'removed', target: 'tag', objecttable: 'tag_instance' },
    /* sql */ `
      select r.id as objectid, r.contextid, 0 as courseid, r.itemid as relateduserid,
             (select row_to_json(o)::text from (
               select t.id::text as tagid, t.name as tagname, t.rawname as tagrawname, r.itemid::text as itemid,
                      r.itemtype) o) as other
        from doomed_tag_instance i cross join lateral jsonb_populate_record(null::{tag_instance}, i.before) r
        join {tag} t on t.id = r.tagid`,
  ),
  logEvents(
    'logged_tags_deleted',
    { event: 'tag_deleted', action: 'deleted', target: 'tag', objecttable: 'tag' },
    /* sql */ `
      select t.id as objectid, c.id as contextid, 0 as courseid, t.userid as relateduserid,
             (select row_to_json(o)::text from (select t.name, t.rawname) o) as other
        from doomed_tag i cross join lateral jsonb_populate_record(null::{tag}, i.before) t
        join {context} c on c.contextlevel = 10`,
  ),
];

export const retireBelongings: EffectStatement = {
  ctes: [act, gone, ...[...belongings, interests].map(deleteRows), unusedTags, ...logs].join(','),
  images: [...[...belongings, interests].map(doomedName), 'doomed_tag'],
};
