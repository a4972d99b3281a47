import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ImportReport } from '../../contracts/imports.ts';
import { Refusal } from '../../contracts/failures.ts';
import { readEntries } from '../../ledger/lists.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, owner, world } from '../support/world-builder.ts';
import { openImporter } from '../scenarios/import-steps.ts';
import type { Importer } from '../scenarios/import-steps.ts';
import { mutated } from './support/mutate.ts';
import { filled, unpack } from './support/workbook.ts';

/** How many files; each is its number's, so that one that fails can be had again. */
const files = Number(process.env['LMS_FUZZ_FILES'] ?? 25);
const first = Number(process.env['LMS_FUZZ_FIRST'] ?? 1);
const longestMs = 10_000;

let lab: Lab;
let importer: Importer;
let original: Buffer;
beforeAll(async () => {
  lab = await openLab();
  importer = await openImporter(lab);
  await lab.load(
    world({
      users: ['ada', 'bob', 'cy', 'dan'].map((id) => ({ id })),
      courses: [{ id: 'c-1', mainAuthor: owner }],
      registrations: ['ada', 'bob', 'cy', 'dan'].map((user) => ({ user, activity: 'c-1' })),
    }),
  );
  const template = await importer.template({ action: 'delete-users' });
  original = filled(template, [['ada@example.org'], ['bob@example.org'], ['cy@example.org']]);
});
afterAll(async () => {
  await importer.close();
  await lab.close();
});

/** What a file comes to; null when it is refused, which is all that may happen otherwise. */
async function checked(file: Buffer, seed: number): Promise<ImportReport | null> {
  const began = Date.now();
  try {
    return await importer.check(file);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw new Error(`file ${seed} broke the check`, { cause: error });
  } finally {
    expect(Date.now() - began, `file ${seed} took too long`).toBeLessThan(longestMs);
  }
}

/** Only who is listed will be dealt with, and only who stands in the file is listed. */
async function expectListed(file: Buffer, report: ImportReport, seed: number): Promise<void> {
  const lines = await readEntries(lab.sql, report.import, 0, 100);
  expect(lines.length, `file ${seed}`).toBe(report.will.users);
  const text = Object.values(unpack(file, /(sheet\d|sharedStrings)\.xml$/i))
    .join('\n')
    .toLowerCase();
  const refused = [...report.problems.first, ...report.cannot.first].map(({ row }) => row);
  for (const { line, email = '' } of lines) {
    expect(text, `file ${seed}`).toContain(email.toLowerCase());
    expect(refused, `file ${seed}`).not.toContain(line);
  }
  if (lines.length === 0) return;
  const input = { import: report.import, requestedBy: admin, maxShare: 1, mode: 'preview' };
  const { operation, users } = await lab.run('runImport', input);
  const changed = new Set((await lab.changes(operation)).map(({ user }) => user));
  expect([...changed].sort(), `file ${seed}`).toEqual(lines.map(({ checked }) => checked).sort());
  expect(users, `file ${seed}`).toEqual({ done: lines.length, unchanged: 0, attention: 0 });
}

it(
  `I-05 of ${files} damaged files none breaks or holds up the check, and only what it lists would be imported`,
  async () => {
    const before = await lab.dump();
    let letIn = 0;
    for (let seed = first; seed < first + files; seed++) {
      const file = mutated(original, seed);
      const report = await checked(file, seed);
      if (report === null) continue;
      letIn++;
      await expectListed(file, report, seed);
    }
    expect(letIn).toBeGreaterThan(0);
    expect(letIn).toBeLessThan(files);
    expect(await lab.dump()).toEqual(before);
  },
  60_000 + files * longestMs,
);
