import type { DeletionFacts } from '../contracts/facts.ts';
import type { UserId } from '../contracts/ids.ts';

/** The facts about some of the users only; what others hold and who might succeed stays, as it says who follows whom. */
export function factsAbout(facts: DeletionFacts, users: ReadonlySet<UserId>): DeletionFacts {
  const about = ({ user }: { user: UserId }): boolean => users.has(user);
  return {
    ...facts,
    users: facts.users.filter(({ id }) => users.has(id)),
    coRoles: facts.coRoles.filter(about),
    participations: facts.participations.filter(about),
    attendances: facts.attendances.filter(about),
  };
}
