import { join } from 'node:path';
import type { ReportDelivery } from '../activities/report-delivery.ts';
import type { Config } from '../config.ts';
import { openMailer } from '../reports/mailer.ts';
import type { Mailer } from '../reports/mailer.ts';

/** Where reports lie until they expire: workers write them there, and the HTTP side reads them. */
export function reportsDir(config: Config): string {
  return join(config.LMS_STATE_DIR, 'reports');
}

/** What sends mails; undefined where the settings do not name all that it takes. */
export function mailerOf({ LMS_MAIL_URL: url, LMS_MAIL_FROM: from }: Config): Mailer | undefined {
  return url === undefined || from === undefined ? undefined : openMailer({ url, from });
}

/** What it takes to mail reports; undefined where the settings do not name all of it. */
export function deliveryOf(config: Config, mailer: Mailer | undefined): ReportDelivery | undefined {
  const { LMS_PUBLIC_URL: publicUrl, LMS_LINK_SECRET: secret } = config;
  if (mailer === undefined || publicUrl === undefined || secret === undefined) return undefined;
  return {
    directory: reportsDir(config),
    link: { publicUrl, secret },
    expiryMs: config.LMS_LINK_EXPIRY_S * 1000,
    mailer,
  };
}
