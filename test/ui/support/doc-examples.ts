import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const page = readFileSync(resolve(import.meta.dirname, '../../../docs/temporal-ui.md'), 'utf8');

/**
 * The JSON examples under a heading of docs/temporal-ui.md, in order, so that what the page tells people to type is what
 * is tried. `answers` are put in for the `<…>` that are left open there.
 */
export function docExamples(heading: string, answers: Record<string, string> = {}): object[] {
  const section = page.split(/^## /m).find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const examples = [...section.matchAll(/^```json\n(.*?)^```$/gms)].map(([, json]) =>
    filledIn(json, answers),
  );
  if (examples.length === 0) throw new Error(`docs/temporal-ui.md has no JSON under '${heading}'`);
  return examples;
}

/** JSON that is offered for copying, with what it leaves to the reader put in. */
export function filledIn(json: string | undefined, answers: Record<string, string>): object {
  const gaps = Object.entries(answers);
  const text = gaps.reduce((filled, [gap, answer]) => filled.replace(`<${gap}>`, answer), json ?? '');
  return JSON.parse(text) as object;
}
