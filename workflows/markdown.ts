import type { JsonObject } from '../contracts/changes.ts';

/** The page shows the text in a low frame and passes it on in a URL: lines are short. */
const shownCharacters = 240;

/** A line of text, cut where it is long. */
export function short(line: string, characters = shownCharacters): string {
  const start = line.slice(0, characters).replace(/[\uD800-\uDBFF]$/, '');
  return plain(start.length < line.length ? `${start}…` : line);
}

/** Ids are free text: what Markdown would read as its own is taken literally, and a line stays one line. */
export function plain(words: string): string {
  return words.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_~[\]<>|#&]|-(?=-)/g, '\\$&');
}

/** Laid out as the forms of the UI lay it out: they move their buttons when they have to do it themselves. */
export function json(value: JsonObject): string {
  return ['```json', JSON.stringify(value, null, 2), '```'].join('\n');
}

/** `1 user`, `2 users`. */
export function count(n: number, what: string): string {
  return n === 1 ? `1 ${what}` : `${n} ${what}s`;
}

/** The parts that say something, as paragraphs. */
export function paragraphs(...parts: string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
