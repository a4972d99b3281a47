/**
 * A condition that the planner knows nothing of: its indexes are not used for it, nor its statistics.
 *
 * For an operation that is new. Statistics are older than it, and take it for as small as most are: the planner would read through
 * all of it to find a few users.
 */
export function unguessed(condition: string): string {
  return `case when ${condition} then true else false end`;
}
