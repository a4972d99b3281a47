import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importLimits } from '../../imports/import-limits.ts';
import { readImport } from '../../imports/read-import.ts';
import { openImporter } from '../scenarios/import-steps.ts';
import type { Importer } from '../scenarios/import-steps.ts';
import { retire } from '../scenarios/steps.ts';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { admin, the, world } from '../support/world-builder.ts';
import { filledByLibreOffice, findLibreOffice } from './support/libreoffice.ts';
import { templateOf, unpack } from './support/workbook.ts';

const soffice = (await findLibreOffice()) ?? '';
if (soffice === '') {
  console.warn('skipped: no LibreOffice (Debian: libreoffice-calc-nogui) to fill in templates with');
}

const cell = (ref: string, text: string): string => `sheet.getCellRangeByName("${ref}").String = "${text}"`;

describe.skipIf(soffice === '')('a template that is filled in and saved by LibreOffice', () => {
  let lab: Lab;
  let importer: Importer;
  beforeAll(async () => {
    lab = await openLab();
    importer = await openImporter(lab);
  });
  afterAll(async () => {
    await importer.close();
    await lab.close();
  });

  it('I-04 is imported', async () => {
    await lab.load(world({ users: ['ada', 'bob'].map((id) => ({ id })) }));
    const before = await lab.dump();
    const template = await importer.template({ action: 'delete-users' });
    const file = await filledByLibreOffice(soffice, template, [
      cell('A2', ' Ada@example.org '),
      cell('A4', 'nobody@example.org'),
    ]);
    const report = await importer.check(file);
    expect(report).toMatchObject({
      will: { users: 1 },
      problems: { count: 1, first: [{ row: 4, column: 'A' }] },
    });
    await lab.run('runImport', { import: report.import, requestedBy: admin, maxShare: 1 });
    const after = await lab.dump();
    retire(before, 'ada', admin, the(after.users, 'ada').deletedAt);
    expect(after).toEqual(before);
  });

  it('I-03 keeps its columns apart when they are renamed, moved and deleted, and lines are put above them', async () => {
    const activities = ['c-1', 'c-2', 'c-3'].map((id) => ({ id, title: `Title of ${id}` }));
    const file = await filledByLibreOffice(soffice, await templateOf({}, activities), [
      cell('A2', 'ada@example.org'),
      cell('B2', 'x'),
      cell('A3', 'bob@example.org'),
      cell('D3', 'x'),
      cell('D1', 'Renamed'),
      'sheet.Columns.removeByIndex(2, 1)',
      'sheet.Columns.insertByIndex(0, 1)',
      'sheet.Rows.insertByIndex(0, 2)',
      'sheet.Name = "Ada\'s people"',
    ]);
    expect(await readImport(file, importLimits)).toEqual({
      marker: { instance: 'here', action: 'unenrol-users', includePrivateSubgroups: false },
      sheet: "Ada's people",
      emailColumn: 'B',
      headerRow: 3,
      columns: [
        { column: 'C', activity: 'c-1' },
        { column: 'D', activity: 'c-3' },
      ],
      rows: [
        { row: 4, email: 'ada@example.org', marks: [0] },
        { row: 5, email: 'bob@example.org', marks: [1] },
      ],
      problems: { count: 0, first: [] },
    });
  });

  it('I-05 is told from one with formulas, hidden lines, merged cells and numbers', async () => {
    const template = await templateOf();
    const file = await filledByLibreOffice(soffice, template, [
      'sheet.getCellRangeByName("A2").Formula = "=CONCATENATE(""ada"",""@example.org"")"',
      cell('B2', 'x'),
      'sheet.getCellRangeByName("A3").Value = 46027',
      cell('B3', 'x'),
      cell('A4', 'bob@example.org'),
      cell('B4', 'x'),
      'sheet.Rows.getByIndex(3).IsVisible = False',
    ]);
    expect((await readImport(file, importLimits)).problems.first).toMatchObject([
      { row: 2, column: 'A', message: 'holds a formula: enter the email itself' },
      { row: 3, column: 'A', message: 'holds a number, a date or the like, not an email' },
      { row: 4, column: null, message: 'the line is hidden: show it, or delete it' },
    ]);
    const merged = await filledByLibreOffice(soffice, template, [
      cell('A2', 'ada@example.org'),
      'sheet.getCellRangeByName("A2:A3").merge(True)',
    ]);
    await expect(readImport(merged, importLimits)).rejects.toThrow('sheet Import, A2: merged cells (A2:A3)');
  });

  it('I-03 still has its notes, its drop-down and its sheet that is not shown', async () => {
    const parts = unpack(await filledByLibreOffice(soffice, await templateOf(), []));
    expect(parts['xl/comments1.xml']).toContain('The emails of the users who are unenrolled');
    expect(parts['xl/worksheets/sheet1.xml']).toMatch(
      /<dataValidation [^>]*sqref="B2:C\d+"[^>]*><formula1>&quot;x&quot;</,
    );
    expect(parts['xl/workbook.xml']).toMatch(/name="_lms_lifecycle" sheetId="2" state="hidden"/);
  });
});
