/** How a command ends (spec: interface, Command line). */
export const exitCodes = { done: 0, failed: 1, usage: 2, attention: 3 } as const;

/** What a command answers: the JSON document (undefined: it has been written already), the text that says the same to people, and the exit code. */
export interface Answer {
  json: unknown;
  text: string;
  exitCode?: number;
}

/** Prints an answer: with `--json` the document alone, otherwise the text. */
export function print(answer: Answer, { json = false }: { json?: boolean | undefined }): void {
  const output = json && answer.json !== undefined ? JSON.stringify(answer.json, null, 2) : answer.text;
  if (output !== '') process.stdout.write(`${output}\n`);
  process.exitCode = answer.exitCode ?? exitCodes.done;
}

/** An expected failure that a command ends with: the type and the message go to stderr. */
export class CommandFailed extends Error {
  readonly type: string;
  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/** Reports why a command failed, on stderr, and in the document if one was asked for. */
export function reportFailure(error: unknown, { json = false }: { json?: boolean | undefined }): void {
  const { type, message } = describeFailure(error);
  if (json) process.stdout.write(`${JSON.stringify({ failure: { type, message } }, null, 2)}\n`);
  process.stderr.write(`${type}: ${message}\n`);
  process.exitCode = exitCodes.failed;
}

function describeFailure(error: unknown): { type: string; message: string } {
  if (error instanceof CommandFailed) return { type: error.type, message: error.message };
  if (!(error instanceof Error)) return { type: 'Error', message: String(error) };
  const { code } = error as { code?: unknown };
  return { type: typeof code === 'string' ? code : error.name, message: error.message };
}

/** Rows as aligned columns. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
