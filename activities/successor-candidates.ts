import type { DeletionFacts } from '../contracts/facts.ts';
import type { UserId } from '../contracts/ids.ts';

/** Everybody who could take something over: the operation must say which of them it deletes itself (D-13). */
export function successorCandidates(facts: DeletionFacts): UserId[] {
  return [
    ...facts.groupAdmins.map((admin) => admin.user),
    ...facts.owned.flatMap((item) => [item.main.user, ...item.coHolders.map((holder) => holder.user)]),
  ];
}
