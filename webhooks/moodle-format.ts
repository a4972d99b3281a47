import { z } from 'zod';
import type { EventType } from './events.ts';
import { parse } from './read-delivery.ts';
import type { NeutralEvent } from './read-delivery.ts';

/** Moodle writes ids as numbers or as digits. */
const id = z
  .union([z.int().positive(), z.string().regex(/^[1-9]\d{0,18}$/)])
  .transform((given) => String(given));

const eventSchema = z.object({
  eventname: z.string().min(1).max(200),
  objectid: id.nullish(),
  relateduserid: id.nullish(),
  timecreated: z.coerce.number().int().min(0).max(4_102_444_800).nullish(),
});
type MoodleEvent = z.infer<typeof eventSchema>;

/** An event of ours in place of one of Moodle's; a member that is missing makes the delivery malformed. */
const translations: Readonly<Record<string, (event: MoodleEvent) => { type: EventType; data: object }>> = {
  '\\core\\event\\user_deleted': ({ objectid }) => ({
    type: 'user.deleted',
    data: { user: { id: objectid } },
  }),
  '\\core\\event\\user_updated': ({ objectid }) => ({
    type: 'user.profile_updated',
    data: { user: { id: objectid } },
  }),
  '\\core\\event\\cohort_deleted': ({ objectid }) => ({
    type: 'group.deleted',
    data: { group: groupOf('cohort', objectid) },
  }),
  '\\core\\event\\cohort_member_removed': ({ objectid, relateduserid }) => ({
    type: 'group.member_removed',
    data: { group: groupOf('cohort', objectid), user: { id: relateduserid } },
  }),
  '\\core\\event\\group_deleted': ({ objectid }) => ({
    type: 'group.deleted',
    data: { group: groupOf('course-group', objectid) },
  }),
  '\\core\\event\\group_member_removed': ({ objectid, relateduserid }) => ({
    type: 'group.member_removed',
    data: { group: groupOf('course-group', objectid), user: { id: relateduserid } },
  }),
  '\\core\\event\\user_enrolment_deleted': ({ relateduserid }) => ({
    type: 'registration.removed',
    data: { user: { id: relateduserid } },
  }),
};

/**
 * Moodle's own events as its log stores write them (`eventname`, `objectid`, `relateduserid`, `timecreated`, …), one or an array.
 * Those that mean nothing here keep their name, and are ignored.
 */
export function moodleFormat(body: unknown): NeutralEvent[] {
  const given = Array.isArray(body)
    ? parse(z.array(eventSchema).min(1), body, 'body')
    : [parse(eventSchema, body, 'body')];
  return given.map((event) => {
    const { eventname, timecreated } = event;
    const at = timecreated == null ? null : new Date(timecreated * 1000).toISOString();
    // Some relays leave the leading backslash out.
    const name = eventname.startsWith('\\') ? eventname : `\\${eventname}`;
    const translate = Object.hasOwn(translations, name) ? translations[name] : undefined;
    return { at, ...(translate?.(event) ?? { type: eventname, data: null }) };
  });
}

/** A group by the name that the adapter has for it; nothing where Moodle gave no id. */
function groupOf(kind: 'cohort' | 'course-group', objectid: string | null | undefined): string | undefined {
  return objectid == null ? undefined : `${kind}:${objectid}`;
}
