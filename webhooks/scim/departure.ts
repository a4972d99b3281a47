import { randomUUID } from 'node:crypto';
import type { HostLms } from '../../adapters/host-lms.ts';
import type { AccountFact } from '../../contracts/facts.ts';
import type { UserId } from '../../contracts/ids.ts';
import type { Sql } from '../../contracts/sql.ts';
import type { Json } from '../../contracts/changes.ts';
import type { Database } from '../../database/pool.ts';
import { departureId, readDepartures } from '../../ledger/departures.ts';
import type { DepartureKind } from '../../ledger/departures.ts';
import type { Delivery } from '../../ledger/inbox.ts';
import { ownerProtected } from '../../rules/deletion.ts';
import { events } from '../events.ts';
import type { ReadEvent } from '../read-delivery.ts';
import { ScimError } from './scim-error.ts';

/** What taking users out of service needs. */
export interface DepartureDependencies {
  database: Database;
  host: HostLms;
  /** Puts a delivery into the inbox; resolves when it is there for good (webhooks/webhook-routes.ts). */
  accept: (delivery: Delivery) => Promise<void>;
}

/** An account that the client may see. */
export interface VisibleUser {
  account: AccountFact;
  active: boolean;
  /** The instant of the look, by the database's clock. */
  at: string;
}

/**
 * A user as the client is to see it: a living account. From the moment that its deletion is accepted there is none any more
 * (RFC 7644 §3.6), while it is being set to inactive there is an inactive one.
 *
 * @throws ScimError 404
 */
export async function visibleUser(sql: Sql, host: HostLms, id: UserId): Promise<VisibleUser> {
  const { underWay, at } = await readDepartures(sql, id);
  const query = { by: { id }, except: [], offset: 0, limit: 1 };
  const [account] = (await host.accounts(sql, query)).accounts;
  if (!account || underWay.get(id) === 'scim.deleted') throw new ScimError(404, `There is no user ${id}.`);
  return { account, active: !underWay.has(id), at };
}

/**
 * Accepts that a user is to be deleted: the inbox has it when this returns, and starts the operation. Asked for again it is the same.
 *
 * @param holder the program that asks
 * @throws ScimError 403 of who must not be deleted at all (D-14), 404
 */
export async function acceptDeparture(
  { database, host, accept }: DepartureDependencies,
  id: UserId,
  kind: DepartureKind,
  holder: string,
): Promise<VisibleUser> {
  const user = await database.transaction(async (sql) => {
    const visible = await visibleUser(sql, host, id);
    await requireNotProtected(sql, host, id);
    return visible;
  });
  if (user.active || kind === 'scim.deleted') {
    const told: ReadEvent = {
      type: kind,
      at: user.at,
      order: events['user.deleted'].parse({ user: { id } }),
    };
    await accept({
      ...departureId(id, holder, randomUUID()),
      type: kind,
      payload: [told] as unknown as Json,
    });
  }
  return { ...user, active: false };
}

/** Whom the operation is sure to refuse is refused here, where the client learns of it. */
async function requireNotProtected(sql: Sql, host: HostLms, id: UserId): Promise<void> {
  const [platform, [user]] = await Promise.all([host.platform(sql), host.users(sql, [id])]);
  const problem = user && ownerProtected(user, platform);
  if (problem) throw new ScimError(403, `${problem.type}: ${problem.message}.`);
}
