/** What becomes of the rows in which a column refers to a deleted user. */
type ColumnTreatment = 'deleted' | 'kept' | 'made' | 'journal' | 'notUsers';

/**
 * Every column of a full Moodle 4.5 that holds, or seems to hold, a user's id, by what this adapter does about it. There are
 * no foreign keys to go by: a column that looks the same and is not here belongs to a plugin or a release that nobody
 * has looked at, and stops deletions until it is claimed or waived. Names without the table prefix.
 */
export const claimedColumns: Readonly<Record<ColumnTreatment, readonly string[]>> = {
  /** The row goes with the account: always, or under the condition that stands with its effect (event: those of own feeds). */
  deleted: columns(`
    auth_oauth2_linked_login.userid cohort_members.userid competency_plan.userid competency_usercomp.userid
    competency_usercompcourse.userid competency_usercompplan.userid competency_userevidence.userid
    event.userid event_subscriptions.userid external_services_users.userid external_tokens.userid
    forum_digests.userid forum_read.userid forum_subscriptions.userid forum_track_prefs.userid
    grade_grades.userid groups_members.userid message_conversation_members.userid my_pages.userid
    oauth2_refresh_token.userid role_assignments.userid sessions.userid tool_cohortroles.userid
    tool_monitor_subscriptions.userid user_enrolments.userid user_info_data.userid user_lastaccess.userid
    user_password_history.userid user_preferences.userid user_private_key.userid
  `),
  /** Statistics, history, traces in other people's work, settings of no further use: stays (D-02), as after Moodle's own deletion. */
  kept: columns(`
    ai_policy_register.userid analytics_prediction_actions.userid assign_grades.grader|userid
    assign_overrides.userid assign_submission.userid assign_user_flags.allocatedmarker|userid
    assign_user_mapping.userid assignfeedback_editpdf_quick.userid auth_lti_linked_login.userid
    badge_backpack.userid badge_backpack_oauth2.userid badge_criteria_met.userid badge_issued.userid
    badge_manual_award.issuerid|recipientid block_recent_activity.userid block_recentlyaccesseditems.userid
    chat_messages.userid chat_messages_current.userid chat_users.userid choice_answers.userid
    communication_user.userid competency_plan.reviewerid competency_usercomp.reviewerid
    course_completion_crit_compl.userid course_completions.userid
    course_modules_completion.overrideby|userid course_modules_viewed.userid editor_atto_autosave.userid
    enrol_flatfile.userid enrol_lti_users.userid enrol_paypal.userid favourite.userid
    feedback_completed.userid feedback_completedtmp.userid forum_discussion_subs.userid forum_grades.userid
    grade_import_newitem.importer grade_import_values.importer|userid grading_instances.raterid
    h5pactivity_attempts.userid lesson_attempts.userid lesson_branch.userid lesson_grades.userid
    lesson_overrides.userid lesson_timer.userid lti_submission.userid message.useridfrom|useridto
    message_contact_requests.requesteduserid|userid message_contacts.contactid|userid
    message_conversation_actions.userid message_email_messages.useridto message_read.useridfrom|useridto
    message_user_actions.userid message_users_blocked.blockeduserid|userid messageinbound_messagelist.userid
    messages.useridfrom mnet_session.userid mnetservice_enrol_enrolments.userid
    moodlenet_share_progress.userid notifications.useridfrom|useridto payments.userid
    portfolio_instance_user.userid portfolio_tempdata.userid quiz_attempts.userid quiz_grades.userid
    quiz_overrides.userid rating.userid scorm_aicc_session.userid scorm_attempt.userid
    search_simpledb_index.owneruserid|userid sms_messages.recipientuserid survey_analysis.userid
    survey_answers.userid tag_instance.tiuserid task_adhoc.userid tiny_autosave.userid tool_mfa.userid
    tool_mfa_auth.userid tool_mfa_secrets.userid tool_policy_acceptances.userid user_devices.userid
    user_password_resets.userid wiki_locks.userid workshop_aggregations.userid
    workshop_assessments.gradinggradeoverby|reviewerid workshop_submissions.gradeoverby xapi_states.userid
  `),
  /** Says who made or last changed something: stays (D-04). */
  made: columns(`
    adminpresets.userid adminpresets_app.userid analytics_models.usermodified
    auth_oauth2_linked_login.usermodified backup_controllers.userid badge.usercreated|usermodified
    badge_backpack_oauth2.usermodified bigbluebuttonbn_recordings.usermodified block_rss_client.userid
    blog_external.userid comments.userid competency.usermodified competency_coursecomp.usermodified
    competency_coursecompsetting.usermodified competency_evidence.actionuserid|usermodified
    competency_framework.usermodified competency_modulecomp.usermodified competency_plan.usermodified
    competency_plancomp.usermodified competency_relatedcomp.usermodified competency_template.usermodified
    competency_templatecohort.usermodified competency_templatecomp.usermodified
    competency_usercomp.usermodified competency_usercompcourse.usermodified
    competency_usercompplan.usermodified competency_userevidence.usermodified
    competency_userevidencecomp.usermodified contentbank_content.usercreated|usermodified
    data_records.userid external_tokens.creatorid file_conversion.usermodified files.userid
    forum_discussions.userid|usermodified forum_posts.userid forum_queue.userid glossary_entries.userid
    grade_grades.usermodified grade_outcomes.usermodified grading_definitions.usercreated|usermodified
    infected_files.userid lti_tool_proxies.createdby lti_types.createdby oauth2_access_token.usermodified
    oauth2_endpoint.usermodified oauth2_issuer.usermodified oauth2_system_account.usermodified
    oauth2_user_field_mapping.usermodified post.userid|usermodified question.createdby|modifiedby
    question_attempt_steps.userid question_bank_entries.ownerid quizaccess_seb_quizsettings.usermodified
    quizaccess_seb_template.usermodified reportbuilder_audience.usercreated|usermodified
    reportbuilder_column.usercreated|usermodified reportbuilder_filter.usercreated|usermodified
    reportbuilder_report.usercreated|usermodified reportbuilder_schedule.usercreated|usermodified|userviewas
    repository_instances.userid repository_onedrive_access.usermodified role_assignments.modifierid
    role_capabilities.modifierid scale.userid tag.userid tool_cohortroles.usermodified
    tool_dataprivacy_category.usermodified tool_dataprivacy_ctxexpired.usermodified
    tool_dataprivacy_ctxinstance.usermodified tool_dataprivacy_ctxlevel.usermodified
    tool_dataprivacy_purpose.usermodified tool_dataprivacy_purposerole.usermodified
    tool_monitor_rules.userid tool_policy_acceptances.usermodified tool_policy_versions.usermodified
    user_enrolments.modifierid wiki_pages.userid wiki_subwikis.userid wiki_versions.userid
    workshop_submissions.authorid
  `),
  /** A journal of Moodle's, or a privacy request: stays, and deleting an account adds to it. */
  journal: columns(`
    ai_action_register.userid analytics_models_log.usermodified bigbluebuttonbn_logs.userid
    config_log.userid events_queue.userid grade_categories_history.loggeduser
    grade_grades_history.loggeduser|userid|usermodified grade_items_history.loggeduser
    grade_outcomes_history.loggeduser log.userid logstore_standard_log.realuserid|relateduserid|userid
    mnet_log.userid portfolio_log.userid scale_history.loggeduser|userid stats_user_daily.userid
    stats_user_monthly.userid stats_user_weekly.userid task_log.userid
    tool_dataprivacy_request.dpo|requestedby|userid|usermodified tool_monitor_history.userid
    upgrade_log.userid
  `),
  /** Looks like a user and is none: an OAuth issuer, a device, an account elsewhere. */
  notUsers: columns(`
    auth_oauth2_linked_login.issuerid badge_backpack_oauth2.issuerid badge_external_backpack.oauth2_issuerid
    enrol_lti_user_resource_link.ltiuserid message_airnotifier_devices.userdeviceid
    oauth2_access_token.issuerid oauth2_endpoint.issuerid oauth2_refresh_token.issuerid
    oauth2_system_account.issuerid oauth2_user_field_mapping.issuerid
  `),
};

/** `table.one|two` stands for two columns. */
function columns(text: string): string[] {
  return text
    .trim()
    .split(/\s+/)
    .flatMap((entry) => {
      const [table = '', names = ''] = entry.split('.');
      return names.split('|').map((name) => `${table}.${name}`);
    });
}
