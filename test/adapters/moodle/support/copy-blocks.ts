/** The rows of one `COPY … FROM stdin` block of a dump. */
export interface CopiedRows {
  table: string;
  rows: Record<string, string | null>[];
}

const escapes: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Takes the COPY blocks out of a dump, which the driver cannot run, and leaves the statements around them. */
export function copyBlocks(dump: string): { statements: string; copies: CopiedRows[] } {
  const statements: string[] = [];
  const copies: CopiedRows[] = [];
  const lines = dump.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const header = /^COPY (\S+) \((.*)\) FROM stdin;$/.exec(line);
    if (!header) {
      statements.push(line);
      continue;
    }
    const end = lines.indexOf('\\.', at);
    copies.push(block(header[1] ?? '', header[2] ?? '', lines.slice(at + 1, end)));
    at = end;
  }
  return { statements: statements.join('\n'), copies };
}

function block(table: string, columns: string, lines: readonly string[]): CopiedRows {
  const names = columns.split(', ').map((name) => name.replaceAll('"', ''));
  return {
    table,
    rows: lines.map((line) => {
      const fields = line.split('\t');
      return Object.fromEntries(names.map((name, i) => [name, unescaped(fields[i] ?? '')]));
    }),
  };
}

function unescaped(field: string): string | null {
  if (field === '\\N') return null;
  return field.replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter);
}
