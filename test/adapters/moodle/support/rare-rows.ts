import type { Sql } from '../../../../contracts/sql.ts';

/** One of each of what the small site has none of and goes with an account, for learner5 (7). */
export async function insertRareRows(sql: Sql): Promise<void> {
  await sql.query(`
    insert into mdl_comments (contextid, component, commentarea, itemid, content, userid, timecreated)
      values (17, 'core_user', 'x', 1, 'nice', 3, 1);
    insert into mdl_rating (contextid, component, ratingarea, itemid, scaleid, rating, userid, timecreated, timemodified)
      values (17, 'core_user', 'x', 1, 1, 1, 3, 1, 1);
    insert into mdl_block_positions (blockinstanceid, contextid, pagetype, subpage, visible, region, weight)
      values (1, 17, 'my-index', '', 1, 'content', 0);
    insert into mdl_forum_digests (userid, forum, maildigest) values (7, 1, 1);
    insert into mdl_forum_track_prefs (userid, forumid) values (7, 1);
    insert into mdl_forum_read (userid, forumid, discussionid, postid, firstread, lastread) values (7, 1, 1, 1, 1, 1);
    insert into mdl_tool_monitor_subscriptions (courseid, ruleid, cmid, userid, timecreated) values (2, 1, 1, 7, 1);
    insert into mdl_role_capabilities (contextid, roleid, capability, permission, timemodified, modifierid)
      values (17, 5, 'moodle/x:y', 1, 1, 2);
    insert into mdl_role_names (roleid, contextid, name) values (5, 17, 'x');
    insert into mdl_tag (userid, tagcollid, name, rawname, isstandard, timemodified) values (2, 1, 'std', 'std', 1, 1);
    insert into mdl_tag_instance (tagid, component, itemtype, itemid, contextid, tiuserid, ordering, timecreated, timemodified)
      select id, 'core', 'user', 7, 17, 0, 2, 1, 1 from mdl_tag where name = 'std';
    update mdl_course_modules set completion = 2, completiongradeitemnumber = 0
     where module = (select id from mdl_modules where name = 'assign') and course = 2;
    insert into mdl_course_modules_completion (coursemoduleid, userid, completionstate, timemodified)
      select id, 7, 1, 1 from mdl_course_modules where completiongradeitemnumber = 0 and course = 2`);
}
