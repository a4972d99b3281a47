import type { HostLms } from '../../../../adapters/host-lms.ts';
import type { PlannedChange } from '../../../../contracts/changes.ts';
import type { RegistrationFact } from '../../../../contracts/facts.ts';
import { registrationKey } from '../../../../contracts/ids.ts';
import { removeForGood, unenrol } from '../../../../rules/registrations.ts';
import type { MoodleSite } from './moodle-site.ts';
import { carryOut } from './operations.ts';
import type { Outcome } from './operations.ts';

/** User and course. */
export type Named = readonly [user: string, activity: string];

/** The registrations as the adapter reads them. */
export async function registrationsOf(
  { sql }: MoodleSite,
  { registrations }: HostLms,
  ...named: Named[]
): Promise<RegistrationFact[]> {
  const facts = await registrations?.facts(
    sql,
    named.map(([user, activity]) => ({ user, activity })),
  );
  return facts?.registrations ?? [];
}

/** Unenrols; without the workflow around it. */
export async function unenrolFrom(site: MoodleSite, host: HostLms, ...named: Named[]): Promise<Outcome> {
  const changes = (await registrationsOf(site, host, ...named)).map(unenrol);
  return carryOut(site, host, { changes, requestedBy: '2', undoes: null });
}

/** Removes registrations for good; without the workflow around it. */
export async function removeFor(site: MoodleSite, host: HostLms, ...named: Named[]): Promise<Outcome> {
  const changes = await planRemoval(site, host, ...named);
  return carryOut(site, host, { changes, requestedBy: '2', undoes: null });
}

export async function planRemoval(
  site: MoodleSite,
  host: HostLms,
  ...named: Named[]
): Promise<PlannedChange[]> {
  const facts = await registrationsOf(site, host, ...named);
  const history = (await host.registrations?.history(site.sql, facts)) ?? [];
  const kinds = new Map(history.map((row) => [registrationKey(row), row.kinds]));
  return facts.map((fact) => removeForGood(fact, kinds.get(registrationKey(fact)) ?? {}));
}
