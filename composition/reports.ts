import { join } from 'node:path';
import type { ReportDelivery } from '../activities/report-delivery.ts';
import type { Config } from '../config.ts';
import { openMailer } from '../reports/mailer.ts';

/** Where reports lie until they expire: workers write them there, and the HTTP side reads them. */
export function reportsDir(config: Config): string {
  return join(config.LMS_STATE_DIR, 'reports');
}

/** What it takes to mail reports; undefined where the settings do not name all of it. */
export function deliveryOf(config: Config): ReportDelivery | undefined {
  const {
    LMS_MAIL_URL: url,
    LMS_MAIL_FROM: from,
    LMS_PUBLIC_URL: publicUrl,
    LMS_LINK_SECRET: secret,
  } = config;
  if (url === undefined || from === undefined || publicUrl === undefined || secret === undefined)
    return undefined;
  return {
    directory: reportsDir(config),
    link: { publicUrl, secret },
    expiryMs: config.LMS_LINK_EXPIRY_S * 1000,
    mailer: openMailer({ url, from }),
  };
}
