import type { MemberFacts } from '../../contracts/facts.ts';
import type { GroupId, UserId } from '../../contracts/ids.ts';
import type { Sql } from '../host-lms.ts';
import { readGroups } from './groups.ts';
import { readMembers, readPlatform } from './read-users.ts';

/**
 * What judging needs of a chunk of users. The group that they are to be removed from is among the groups whether or not one
 * of them is in it.
 *
 * @param more groups that are wanted beside those
 */
export async function readMemberFacts(
  sql: Sql,
  ids: readonly UserId[],
  within: GroupId | null,
  more: readonly GroupId[] = [],
): Promise<MemberFacts> {
  const platform = await readPlatform(sql);
  const users = await readMembers(sql, ids, within);
  const held = users.flatMap((user) => user.memberships.map(({ group }) => group));
  const named = within === null ? [] : [within];
  const groups = await readGroups(sql, [...new Set([...held, ...named, ...more])]);
  return { platform, users, groups };
}
