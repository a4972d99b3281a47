/** Temporal refuses a summary of more than 400 bytes; no character takes more than three, and the rest is room for quotation marks. */
const mostCharacters = 120;

/** One line that Temporal takes as a summary of a workflow, an activity or a timer: a long one is cut. */
export function asSummary(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  if (line.length <= mostCharacters) return line;
  return `${line.slice(0, mostCharacters - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
