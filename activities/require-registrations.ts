import type { Dependencies } from './dependencies.ts';
import type { HostRegistrations } from '../adapters/host-lms.ts';
import { Refusal } from '../contracts/failures.ts';

/** @throws Refusal InvalidInput on a host whose registrations are not known yet */
export function requireRegistrations(host: Dependencies['host']): HostRegistrations {
  if (host.registrations) return host.registrations;
  throw new Refusal('InvalidInput', `the registrations of the ${host.name} host are not known yet`);
}
