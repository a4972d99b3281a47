/** One row as a measurement lists it: the columns that it names, as text. */
export interface ListedRow {
  kind: 'DEL' | 'INS' | 'UPD';
  id: string;
  /** UPD: old and new value. */
  columns: Record<string, string | [string, string]>;
}

export interface MeasuredTable {
  counts: { deleted: number; inserted: number; updated: number };
  rows: ListedRow[];
  /** Of the log: how many of each event, and one of them. */
  events: { name: string; count: number; sample: Record<string, string> }[];
}

/** Reads what one of Moodle's own operations changed: the counts per table, and the rows that are listed. */
export function parseMeasured(text: string): Map<string, MeasuredTable> {
  const tables = new Map<string, MeasuredTable>();
  let current: MeasuredTable | undefined;
  // A text of several lines goes on at the beginning of the line.
  for (const line of text.split(/\n(?=mdl_| )/)) {
    const header = /^(mdl_\w+): -(\d+) \+(\d+) ~(\d+)$/.exec(line);
    if (header) {
      const [deleted = 0, inserted = 0, updated = 0] = header.slice(2).map(Number);
      current = { counts: { deleted, inserted, updated }, rows: [], events: [] };
      tables.set(header[1] ?? '', current);
    } else if (current) readLine(line.trim(), current);
  }
  return tables;
}

function readLine(line: string, table: MeasuredTable): void {
  const [, count, event] = /^(\d+)x id=\d+ (eventname=.*)$/.exec(line) ?? [];
  if (event !== undefined) {
    const sample = namedColumns(event);
    table.events.push({ name: sample['eventname'] ?? '', count: Number(count), sample });
  }
  const row = /^(DEL|INS|UPD) id=(\d+) (.*)$/.exec(line);
  if (!row) return;
  const [, kind = '', id = '', rest = ''] = row;
  if (kind === 'UPD') table.rows.push({ kind, id, columns: updatedColumns(rest) });
  else if (kind === 'DEL' || kind === 'INS') table.rows.push({ kind, id, columns: namedColumns(rest) });
}

/** `a=one two b=three`: a column's name is what stands before `=` after a space. */
function namedColumns(text: string): Record<string, string> {
  const columns: Record<string, string> = {};
  for (const part of text.split(/ (?=[a-z][a-z0-9]*=)/)) {
    const at = part.indexOf('=');
    columns[part.slice(0, at)] = part.slice(at + 1);
  }
  return columns;
}

function updatedColumns(text: string): Record<string, [string, string]> {
  const columns: Record<string, [string, string]> = {};
  for (const part of text.split('; ')) {
    const [, name = '', before = '', after = ''] = /^(\w+): '(.*)'->'(.*)'$/.exec(part) ?? [];
    columns[name] = [before, after];
  }
  return columns;
}
