import { readXml } from './read-xml.ts';
import type { Archive } from './xlsx-archive.ts';

/** As long as no email is; what a cell holds beyond is not needed to refuse it. */
export const maxCellText = 1_000;

/** The texts that cells refer to by number, each cut to `maxCellText`; without what is said about their pronunciation. */
export async function readSharedStrings(archive: Archive, path: string | null): Promise<string[]> {
  const strings: string[] = [];
  if (path === null) return strings;
  let current = '';
  let inText = false;
  let phonetic = 0;
  await readXml(archive, path, {
    open(name) {
      if (name === 'si') current = '';
      else if (name === 't') inText = true;
      else if (name === 'rPh') phonetic++;
    },
    text(text) {
      if (inText && phonetic === 0 && current.length < maxCellText) current += text;
    },
    close(name) {
      if (name === 'si') strings.push(cut(current));
      else if (name === 't') inText = false;
      else if (name === 'rPh') phonetic--;
    },
  });
  return strings;
}

/** As a copy, because a slice of a string keeps all of it in memory. */
export function cut(text: string): string {
  return text.length <= maxCellText ? text : Buffer.from(text.slice(0, maxCellText)).toString();
}
