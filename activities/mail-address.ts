import type { Dependencies } from './dependencies.ts';
import { Refusal } from '../contracts/failures.ts';
import type { UserId } from '../contracts/ids.ts';
import type { RunReportInput } from '../contracts/operations.ts';
import type { Sql } from '../contracts/sql.ts';
import { entryOf } from './user-refs.ts';

/**
 * Where the link goes: to the user whom `mailTo` names, by default to whoever asks; an address that nobody here has is taken as it
 * was typed. Only the activity that mails knows it.
 *
 * @throws Refusal NotFound where it names nobody who gets mail
 */
export async function mailAddress(
  sql: Sql,
  host: Dependencies['host'],
  { mailTo, requestedBy }: RunReportInput,
): Promise<string> {
  const { id, email } = entryOf(mailTo ?? { id: requestedBy });
  const [user] = await host.findUsers(sql, [
    { ...(id !== undefined && { id }), ...(email !== undefined && { email }) },
  ]);
  if (user)
    return (await addressOf(sql, host, user.id)) ?? refuse(`user ${user.id} is deleted, or has no email`);
  if (email !== undefined && isAddress(email)) return email.trim();
  return refuse('there is no such user, and it is no email address');
}

async function addressOf(sql: Sql, host: Dependencies['host'], user: UserId): Promise<string | null> {
  const email = await host.reports.emailOf(sql, user);
  return email !== null && isAddress(email) ? email.trim() : null;
}

/** One address, and nothing that a mail's header could take for more. */
function isAddress(text: string): boolean {
  return /^[^\s@<>,;:"()[\]\\]+@[^\s@<>,;:"()[\]\\]+$/u.test(text.trim());
}

function refuse(why: string): never {
  throw new Refusal('NotFound', `input.mailTo: ${why}`);
}
