import type { Recipients } from '../activities/notices.ts';
import type { Config } from '../config.ts';
import { openRecipients } from '../notifications/open-recipients.ts';
import type { Mailer } from '../reports/mailer.ts';

/** Whom the settings name to be told of operations that wait or went wrong. */
export function recipientsOf(config: Config, namespace: string, mailer: Mailer | undefined): Recipients {
  const { LMS_NOTIFY_MAIL_TO: to, LMS_MAIL_FROM: from = '', LMS_TEMPORAL_UI_URL: url } = config;
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
  return openRecipients({
    ...(mailer && { mail: { mailer, to, domain } }),
    receivers: config.LMS_NOTIFY_WEBHOOKS,
    ...(url !== undefined && { ui: { url, namespace } }),
  });
}
