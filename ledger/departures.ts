import type { UserId } from '../contracts/ids.ts';
import type { Sql } from '../contracts/sql.ts';

/** How an identity provider takes somebody out of service: the resource is deleted, or set to inactive. */
export type DepartureKind = 'scim.deleted' | 'scim.deactivated';

/** A source in the inbox that no webhook's source can be called. */
const sourcePrefix = 'scim:';

/** What stands behind the user in a message id: a dot and a UUID. */
const suffixLength = 1 + 36;

/**
 * Under what a departure is told to the inbox: each time under another id, since a user may come back and leave again.
 *
 * @param uuid a new one
 */
export function departureId(
  user: UserId,
  holder: string,
  uuid: string,
): { source: string; messageId: string } {
  return { source: `${sourcePrefix}${holder}`, messageId: `${user}.${uuid}` };
}

/** Who is being taken out of service at this moment, and how; both at once count as deleted. */
export interface Departures {
  underWay: ReadonlyMap<UserId, DepartureKind>;
  /** The database's clock, ISO 8601: what a departure is dated by, since it may be compared with a reinstatement. */
  at: string;
}

/**
 * Reads the departures that were accepted and are not settled yet.
 *
 * @param user only of this one; null: of all
 */
export async function readDepartures(sql: Sql, user: UserId | null): Promise<Departures> {
  const [clock, departures] = await Promise.all([
    sql.query<{ at: string }>(`select to_json(clock_timestamp()) #>> '{}' as at`),
    // Of both kinds the later in the alphabet is the one that counts.
    sql.query<{ user: UserId; kind: DepartureKind }>(
      `select d."user", max(d.kind) as kind
         from (select left(i.message_id, -$2::int) as "user", i.type as kind
                 from lms_lifecycle.inbox i
                where starts_with(i.source, $1)
                  and (i.state = 'received'
                       or exists (select from lms_lifecycle.inbox_event e where e.inbox_id = i.id and not e.settled))) d
        where $3::text is null or d."user" = $3
        group by d."user"`,
      [sourcePrefix, suffixLength, user],
    ),
  ]);
  return {
    underWay: new Map(departures.rows.map((row) => [row.user, row.kind])),
    at: clock.rows[0]?.at ?? '',
  };
}
