/**
 * Learning paths are the templates of learning plans, `template:ID`. The numbers of those among these ids; whatever else they
 * name is left out.
 */
export function templateKeys(ids: readonly string[]): string[] {
  return ids.flatMap((id) => /^template:([0-9]{1,18})$/.exec(id)?.[1] ?? []);
}
