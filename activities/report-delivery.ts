import type { LinkSettings } from '../reports/link.ts';
import type { Mailer } from '../reports/mailer.ts';

/** What it takes to write reports and to mail links to them; built by a root. */
export interface ReportDelivery {
  /** Where the files lie until they expire. */
  directory: string;
  link: LinkSettings;
  /** How long a link can be followed. */
  expiryMs: number;
  mailer: Mailer;
}
