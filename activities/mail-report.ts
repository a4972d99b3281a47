import { delivered } from './delivered.ts';
import type { Dependencies } from './dependencies.ts';
import { mailAddress } from './mail-address.ts';
import { requireDelivery } from './open-report.ts';
import { requireOpen } from './operation.ts';
import { runReportSchema } from '../contracts/operations.ts';
import type { WrittenReport } from '../contracts/reports.ts';
import { signedLink } from '../reports/link.ts';
import { localMinutes } from '../reports/local-minute.ts';

/**
 * Mails the link to a report (P-03). Neither the address nor the link, which is a key, leaves this activity. If the worker dies just
 * after the mail server has taken the mail it is sent once more, under the same message id.
 *
 * @throws ApplicationFailure retryable while the mail server is away or busy
 */
export async function mailReport(
  deps: Dependencies,
  { operation: id, report }: { operation: string; report: WrittenReport },
): Promise<void> {
  const { link, mailer } = requireDelivery(deps);
  const { to, timeZone } = await deps.database.transaction(async (sql) => {
    const input = runReportSchema.parse((await requireOpen(sql, id)).input);
    const { timeZone } = await deps.host.platform(sql);
    return { to: await mailAddress(sql, deps.host, input), timeZone };
  });
  const expiresMs = Date.parse(report.expiresAt);
  const until = `${localMinutes(timeZone)(expiresMs * 1000)} (${timeZone})`;
  const url = signedLink(link, { file: report.file, expires: expiresMs / 1000 });
  const messageId = `<${id}@${new URL(link.publicUrl).hostname}>`;
  const subject = 'Your report is ready';
  await delivered(mailer.send({ to, subject, text: textOf(report, url, until), messageId }));
}

function textOf({ users, file }: WrittenReport, url: string, until: string): string {
  return [
    `The report that you asked for is ready: ${users} users, ${file.endsWith('xlsx') ? 'xlsx' : 'CSV'}.`,
    '',
    url,
    '',
    `The link can be followed until ${until}. Whoever has it can download the report: do not pass it on.`,
    '',
  ].join('\n');
}
