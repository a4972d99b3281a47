import { pipeline } from 'node:stream/promises';
import { CsvError, Parser } from 'csv-parse';
import type { Options } from 'csv-parse';
import { ListRefused } from './list-refused.ts';

/** Comma, semicolon and tab. */
export type Delimiter = ',' | ';' | '\t';
export const delimiters: readonly Delimiter[] = [',', ';', '\t'];

/** One record: mostly a line, several where quoted cells hold line breaks. */
export interface CsvRecord {
  /** The line of the file on which it begins. */
  line: number;
  /** Without outer spaces and quotes. */
  cells: string[];
  /** As it stands in the file. */
  raw: string;
}

/** What every look at a list has in common. Blank lines are records too, so that sizes and lines can be counted. */
export const csvOptions = {
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_column_count: true,
  trim: true,
} satisfies Options;

const maxRecordMiB = 16;
const maxRecordBytes = maxRecordMiB * 1024 * 1024;

type Counted = CsvRecord & { bytes: number };

/**
 * The records of a text, blank ones included; at any time no more than one chunk's and the open one are in memory.
 *
 * @throws ListRefused for quotes that CSV does not allow, and for a record that is too large
 */
export async function* readRecords(
  path: string,
  text: AsyncIterable<Buffer>,
  separators: readonly Delimiter[],
): AsyncGenerator<CsvRecord, void, undefined> {
  const parser = new LineCountingParser(separators);
  const read = pipeline(withinSize(path, text, parser), parser);
  // Whatever fails there is thrown by the loop below as well.
  const settled = read.catch(() => undefined);
  try {
    for await (const record of parser as AsyncIterable<Counted>) {
      if (record.bytes > maxRecordBytes) throw tooLarge(path, record.line);
      yield record;
    }
  } catch (error) {
    if (error instanceof CsvError) throw malformed(path, parser.nextLine, error);
    throw error;
  } finally {
    parser.destroy();
    await settled;
  }
}

/** Hands on the text, unless the record that is still open then is too large already. */
async function* withinSize(
  path: string,
  text: AsyncIterable<Buffer>,
  parser: LineCountingParser,
): AsyncGenerator<Buffer, void, undefined> {
  let handedOn = 0;
  for await (const chunk of text) {
    yield chunk;
    handedOn += chunk.length;
    if (handedOn - parser.info.bytes > maxRecordBytes) throw tooLarge(path, parser.nextLine);
  }
}

/**
 * The parser's own `info` option would tell lines too, but copies all that it knows for every record, and takes a
 * CR LF within quotes for two lines.
 */
class LineCountingParser extends Parser {
  nextLine = 1;
  #overcounted = 0;
  #endedAt = 0;

  constructor(separators: readonly Delimiter[]) {
    const options: Options & { writableHighWaterMark: number } = {
      ...csvOptions,
      delimiter: [...separators],
      raw: true,
      // One chunk at a time: what has been handed on is parsed when the next one is asked for.
      writableHighWaterMark: 1,
    };
    super(options);
  }

  override push(parsed: { record: string[]; raw: string } | null): boolean {
    return super.push(parsed === null ? null : this.#counted(parsed.record, parsed.raw));
  }

  #counted(cells: string[], raw: string): Counted {
    let inner = 0;
    for (const cell of cells) {
      if (!cell.includes('\n') && !cell.includes('\r')) continue;
      const breaks = cell.match(/\r\n|\n|\r/g) ?? [];
      inner += breaks.length;
      this.#overcounted += breaks.filter((text) => text === '\r\n').length;
    }
    const lastLine = this.info.lines - this.#overcounted;
    const bytes = this.info.bytes - this.#endedAt;
    this.#endedAt = this.info.bytes;
    this.nextLine = lastLine + 1;
    return { line: lastLine - inner, cells, raw, bytes };
  }
}

function tooLarge(path: string, line: number): ListRefused {
  return new ListRefused(
    `${path}: what begins on line ${line} is larger than ${maxRecordMiB} MiB; is a quote never closed?`,
  );
}

/** Without the parser's own message, which repeats the text that it stopped at. */
function malformed(path: string, line: number, { code }: CsvError): ListRefused {
  const what =
    code === 'CSV_QUOTE_NOT_CLOSED' ? 'opens a quote that is never closed' : 'has a quote in the wrong place';
  return new ListRefused(`${path} is not valid CSV: what begins on line ${line} ${what}`);
}
