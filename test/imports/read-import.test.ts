import { expect, it, describe } from 'vitest';
import type { ParsedImport } from '../../contracts/imports.ts';
import { importLimits } from '../../imports/import-limits.ts';
import { ImportRefused, problemText } from '../../imports/import-refused.ts';
import { readImport } from '../../imports/read-import.ts';
import {
  centralEntry,
  claiming,
  edited,
  filled,
  formula,
  markerPath,
  number,
  pack,
  sheetPath,
  templateOf,
  unpack,
  withDirectory,
  zipStored,
} from './support/workbook.ts';
import type { CellValue, FilledRow } from './support/workbook.ts';

const template = await templateOf();
const ada = ['ada@example.org', 'x'];

function read(file: Buffer): Promise<ParsedImport> {
  return readImport(file, importLimits);
}

/** Why a file is refused, one text a problem. */
async function refusalOf(file: Buffer, limits = importLimits): Promise<string[]> {
  const refused = await readImport(file, limits).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(refused instanceof ImportRefused)) throw new Error(`was not refused: ${String(refused)}`);
  expect(refused.problems.count).toBeGreaterThanOrEqual(refused.problems.first.length);
  return refused.problems.first.map(problemText);
}

/** What is wrong with lines beside which Ada's is fine. */
async function problemsOf(...rows: (readonly CellValue[] | FilledRow)[]): Promise<string[]> {
  const { rows: read, problems } = await readImport(filled(template, [ada, ...rows]), importLimits);
  expect(read).toEqual([{ row: 2, email: 'ada@example.org', marks: [0] }]);
  expect(problems.count).toBe(problems.first.length);
  return problems.first.map(problemText);
}

describe('a filled template', () => {
  it('I-03 says what it was made for, and which column is which activity', async () => {
    const group = await templateOf(
      { action: 'remove-from-group', group: 'g-1', includePrivateSubgroups: true },
      [],
    );
    expect(await read(group)).toMatchObject({
      marker: { instance: 'here', action: 'remove-from-group', group: 'g-1', includePrivateSubgroups: true },
      columns: [],
      rows: [],
    });
    expect(await read(template)).toEqual({
      marker: { instance: 'here', action: 'unenrol-users', includePrivateSubgroups: false },
      sheet: 'Import',
      emailColumn: 'A',
      headerRow: 1,
      columns: [
        { column: 'B', activity: 'c-1' },
        { column: 'C', activity: 'c-2' },
      ],
      rows: [],
      problems: { count: 0, first: [] },
    });
  });

  it('I-04 gives the emails and the marks, without outer spaces and in any case', async () => {
    const file = filled(template, [
      ['  Ada@Example.org\u00a0', 'X', ' x '],
      [],
      { cells: ['bob@example.org', '', 'x'], row: 9 },
    ]);
    expect((await read(file)).rows).toEqual([
      { row: 2, email: 'Ada@Example.org', marks: [0, 1] },
      { row: 9, email: 'bob@example.org', marks: [1] },
    ]);
  });

  it('I-04 gives texts that other cells share, also where they are formatted piece by piece', async () => {
    const shared = edited(
      template,
      'xl/sharedStrings.xml',
      '</sst>',
      '<si><r><t>ada@</t></r><r><t>example.org</t></r><rPh sb="0" eb="1"><t>no</t></rPh></si></sst>',
    );
    const index = (unpack(template)['xl/sharedStrings.xml'] ?? '').split('<si>').length - 1;
    const file = filled(shared, [[{ xml: `<c r="REF" t="s"><v>${index}</v></c>` }, 'x']]);
    expect((await read(file)).rows).toEqual([{ row: 2, email: 'ada@example.org', marks: [0] }]);
  });

  it('I-04 may be saved with a prefix to its elements and without places of its cells', async () => {
    const cell = (text: string) => `<x:c t="inlineStr"><x:is><x:t>${text}</x:t></x:is></x:c>`;
    const rows = `<x:row>${cell('Email')}${cell('S')}${cell('B')}</x:row><x:row>${cell('ada@example.org')}${cell('x')}</x:row>`;
    const sheet = `<?xml version="1.0"?><x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>${rows}</x:sheetData></x:worksheet>`;
    const file = pack({ ...unpack(template), [sheetPath]: sheet });
    expect((await read(file)).rows).toEqual([{ row: 2, email: 'ada@example.org', marks: [0] }]);
  });

  it('I-03 maps a column whatever it is called', async () => {
    const shared = edited(template, 'xl/sharedStrings.xml', 'Selling (c-1)', 'Something else');
    expect((await read(filled(shared, [ada]))).columns).toEqual([
      { column: 'B', activity: 'c-1' },
      { column: 'C', activity: 'c-2' },
    ]);
  });

  it('I-03 maps a column wherever it has been moved, and forgets one that has been deleted', async () => {
    const moved = edited(
      edited(template, 'xl/workbook.xml', 'Import!$B$1', 'Import!#REF!'),
      'xl/workbook.xml',
      'Import!$C$1',
      'Import!$B$1',
    );
    const sheet = edited(moved, sheetPath, /<c r="C1".*?<\/c>/, '');
    const { columns, rows } = await read(filled(sheet, [ada]));
    expect(columns).toEqual([{ column: 'B', activity: 'c-2' }]);
    expect(rows).toEqual([{ row: 2, email: 'ada@example.org', marks: [0] }]);
  });

  it('I-03 is found on a sheet that has been renamed', async () => {
    const named = edited(template, 'xl/workbook.xml', 'name="Import"', `name="Ada's people"`);
    const file = edited(named, 'xl/workbook.xml', /Import!/g, `'Ada''s people'!`);
    expect((await read(filled(file, [ada]))).sheet).toBe("Ada's people");
  });
});

describe('a file that is no filled template', () => {
  const bytes = (text: string): Buffer => Buffer.from(text);

  it.each([
    ['empty', Buffer.alloc(0), 'the file is empty'],
    ['a csv file that is called xlsx', bytes('Email,Selling\nada@example.org,x\n'), 'not an xlsx file'],
    [
      'protected by a password',
      Buffer.concat([Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.alloc(600)]),
      'password',
    ],
    ['an archive of something else', pack({ 'readme.txt': 'hello' }), 'not an xlsx file'],
    [
      'a text document',
      pack({ mimetype: 'application/vnd.oasis.opendocument.text', 'content.xml': '<a/>' }),
      'not an xlsx file',
    ],
    ['an xlsb file', pack({ '[Content_Types].xml': '<Types/>', 'xl/workbook.bin': 'x' }), 'xlsb'],
    ['cut off', template.subarray(0, template.length - 100), 'damaged or cut off'],
    ['cut off after its first bytes', template.subarray(0, 10), 'damaged or cut off'],
  ])('I-05 %s', async (_, file, message) => {
    expect(await refusalOf(file)).toEqual([expect.stringContaining(message)]);
  });

  it('I-05 damaged within: no byte of a part may differ from what was saved', async () => {
    const file = Buffer.from(zipStored(unpack(filled(template, [ada]))));
    const at = file.indexOf('ada@example.org');
    file.write('b', at);
    expect(await refusalOf(file)).toEqual([expect.stringContaining('damaged')]);
  });

  it('I-05 a workbook with macros, whatever it is called', async () => {
    const macro = pack({ ...unpack(template), 'xl/vbaProject.bin': 'x' });
    expect(await refusalOf(macro)).toEqual([expect.stringContaining('macros')]);
    const renamed = edited(
      template,
      '[Content_Types].xml',
      /officedocument\.spreadsheetml\.sheet\.main/,
      'ms-excel.sheet.macroEnabled.main',
    );
    expect(await refusalOf(renamed)).toEqual([expect.stringContaining('macros')]);
  });

  it('I-05 a spreadsheet that was not made from a template', async () => {
    const other = edited(template, 'xl/workbook.xml', '_lms_lifecycle', 'Sheet2');
    expect(await refusalOf(other)).toEqual([expect.stringContaining('not made from a template')]);
    const emptied = edited(template, markerPath, /<sheetData>.*<\/sheetData>/, '<sheetData/>');
    expect(await refusalOf(emptied)).toEqual([expect.stringContaining('not made from a template')]);
    const tampered = edited(template, 'xl/sharedStrings.xml', 'unenrol-users', 'drop-tables');
    expect(await refusalOf(tampered)).toEqual([expect.stringContaining('what it is for has been changed')]);
  });

  it('I-05 a template of another version', async () => {
    const old = edited(template, 'xl/sharedStrings.xml', />1<\/t>/, '>0</t>');
    expect(await refusalOf(old)).toEqual(['the template has version 0, not 1: make a new one']);
  });

  it('I-05 a template whose columns cannot be told any more', async () => {
    const lost = edited(
      template,
      'xl/workbook.xml',
      /<definedName name="_lms_activity_1".*?<\/definedName>/,
      '',
    );
    expect(await refusalOf(lost)).toEqual([expect.stringContaining('_lms_activity_1 is gone')]);
    const twice = edited(template, 'xl/workbook.xml', '$C$1', '$B$1');
    expect(await refusalOf(twice)).toEqual([expect.stringContaining('column B: the header was moved')]);
    const away = edited(template, 'xl/workbook.xml', '$C$1', '$C$7');
    expect(await refusalOf(away)).toEqual([expect.stringContaining('column C: the header was moved')]);
    const noEmail = edited(template, 'xl/workbook.xml', 'Import!$A$1', 'Import!#REF!');
    expect(await refusalOf(noEmail)).toEqual([expect.stringContaining('the email column is gone')]);
    const range = edited(template, 'xl/workbook.xml', '$C$1', '$C:$C');
    expect(await refusalOf(range)).toEqual([expect.stringContaining('no longer names a cell')]);
  });

  it('I-05 XML that is not well-formed, or has a document type', async () => {
    const broken = edited(template, sheetPath, '</sheetData>', '');
    expect(await refusalOf(broken)).toEqual([`the file is damaged: ${sheetPath} is not well-formed`]);
    const laughs = edited(template, sheetPath, '?>', '?><!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa">]>');
    expect(await refusalOf(laughs)).toEqual([expect.stringContaining('document type')]);
  });

  it('I-05 cells that lie where no cell can be', async () => {
    const cell = (xml: string) => filled(template, [{ cells: [{ xml }] }]);
    for (const ref of ['A3', 'XFE2', 'A0', 'nonsense']) {
      expect(await refusalOf(cell(`<c r="${ref}"><v>1</v></c>`))).toEqual([
        expect.stringContaining('damaged'),
      ]);
    }
    expect(await refusalOf(cell('<c r="B2"><v>1</v></c><c r="A2"><v>1</v></c>'))).toEqual([
      expect.stringContaining('damaged'),
    ]);
    expect(await refusalOf(cell('<c r="A2" t="s"><v>999</v></c>'))).toEqual([
      expect.stringContaining('damaged'),
    ]);
    const twice = filled(template, [ada, { cells: ['bob@example.org', 'x'], row: 2 }]);
    expect(await refusalOf(twice)).toEqual([expect.stringContaining('damaged')]);
  });
});

describe('a file that is too large', () => {
  it('I-05 in bytes, unpacked, in parts or in lines', async () => {
    const limits = (given: Partial<typeof importLimits>) => ({ ...importLimits, ...given });
    expect(await refusalOf(template, limits({ fileBytes: 1000 }))).toEqual([
      expect.stringMatching(/bytes, more than 1000/),
    ]);
    expect(await refusalOf(template, limits({ expandedBytes: 5000 }))).toEqual([
      expect.stringMatching(/unpacks to \d+ bytes, more than 5000/),
    ]);
    expect(await refusalOf(template, limits({ entries: 5 }))).toEqual([
      expect.stringMatching(/packs \d+ files, more than 5/),
    ]);
    const three = filled(template, [ada, ['bob@example.org', 'x'], ['cy@example.org', 'x']]);
    expect(await refusalOf(three, limits({ rows: 2 }))).toEqual([
      'sheet Import, A4: more than 2 lines: use several files',
    ]);
  });

  it('I-05 a bomb is refused by what it claims, and by what it does when it lies', async () => {
    const bomb = pack({ ...unpack(template), 'xl/media/zeros.bin': '\0'.repeat(2_000_000) });
    const limits = { ...importLimits, expandedBytes: 1_000_000 };
    expect(await refusalOf(bomb, limits)).toEqual([expect.stringContaining('unpacks to')]);
    const sheet = unpack(template)[sheetPath] ?? '';
    const padded = pack({
      ...unpack(template),
      [sheetPath]: sheet.replace('<sheetData>', `<!--${'a'.repeat(2_000_000)}--><sheetData>`),
    });
    const lying = claiming(padded, sheetPath, 1000);
    expect(await refusalOf(lying, limits)).toEqual([expect.stringContaining('damaged')]);
  });

  it('I-05 entries that share their bytes are refused', async () => {
    const parts = { ...unpack(template), 'xl/a.bin': 'a'.repeat(5000) };
    const file = Buffer.from(zipStored(parts));
    const directory = centralEntry(file, 'xl/a.bin');
    // The same bytes claimed by each of many entries of the directory.
    const copies = Array.from({ length: 20 }, (_, i) => {
      const copy = Buffer.from(directory);
      copy.write(String.fromCharCode(97 + i), copy.indexOf('xl/a.bin') + 3);
      return copy;
    });
    expect(await refusalOf(withDirectory(file, copies))).toEqual([expect.stringContaining('damaged')]);
  });

  it('I-05 a sheet as wide as sheets go is refused column by column', async () => {
    const wide = { xml: '<c r="XFD2" t="inlineStr"><is><t>x</t></is></c>' };
    const file = filled(template, [['ada@example.org', 'x', '', wide]]);
    expect(await refusalOf(file)).toEqual([
      'sheet Import, XFD2: the column is not one of the template: delete it',
    ]);
    const all = Array.from({ length: 16_384 }, (_, i) => (i === 0 ? 'ada@example.org' : 'x'));
    const refused = await readImport(filled(template, [all]), importLimits).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ImportRefused);
    expect((refused as ImportRefused).problems).toMatchObject({ count: 16_381 });
    expect((refused as ImportRefused).problems.first).toHaveLength(1000);
    expect((refused as ImportRefused).message).toMatch(/D2: .*; and 16371 more$/);
  });
});

describe('a line that cannot be imported', () => {
  it('I-05 an email that is none, by sheet, row and column', async () => {
    expect(
      await problemsOf(['ada', 'x'], ['a@b@c', 'x'], ['ada @example.org', 'x'], ['a@b, c@d', 'x']),
    ).toEqual([
      'sheet Import, A3: is not an email',
      'sheet Import, A4: is not an email',
      'sheet Import, A5: holds a space: one email to a line',
      'sheet Import, A6: holds a space: one email to a line',
    ]);
    expect(await problemsOf([`${'a'.repeat(400)}@example.org`, 'x'])).toEqual([
      'sheet Import, A3: is longer than 320 characters',
    ]);
  });

  it('I-05 a number or a date where the email should be', async () => {
    const message = 'holds a number, a date or the like, not an email';
    const yes = { xml: '<c r="REF" t="b"><v>1</v></c>' };
    const error = { xml: '<c r="REF" t="e"><v>#N/A</v></c>' };
    const date = { xml: '<c r="REF" t="d"><v>2026-01-05</v></c>' };
    expect(await problemsOf([number(46_027), 'x'], [yes, 'x'], [error, 'x'], [date, 'x'])).toEqual(
      [3, 4, 5, 6].map((row) => `sheet Import, A${row}: ${message}`),
    );
  });

  it('I-05 a formula, whatever it comes to', async () => {
    expect(
      await problemsOf(
        [formula('CONCATENATE(&quot;bob&quot;,&quot;@example.org&quot;)', 'bob@example.org'), 'x'],
        ['bob@example.org', formula('IF(TRUE,&quot;x&quot;,&quot;&quot;)', 'x')],
        ['bob@example.org', formula('HYPERLINK(&quot;http://example.org&quot;)', '')],
      ),
    ).toEqual([
      'sheet Import, A3: holds a formula: enter the email itself',
      'sheet Import, B4: holds a formula: enter an x itself, or nothing',
      'sheet Import, B5: holds a formula: enter an x itself, or nothing',
    ]);
  });

  it('I-05 a mark that is no x, or only looks like one', async () => {
    const other = 'holds something other than an x: enter an x, or nothing';
    expect(
      await problemsOf(
        ['bob@example.org', 'y'],
        ['bob@example.org', 'x', 'xx'],
        ['bob@example.org', number(1)],
      ),
    ).toEqual([`sheet Import, B3: ${other}`, `sheet Import, C4: ${other}`, `sheet Import, B5: ${other}`]);
    expect(
      await problemsOf(['bob@example.org', 'х'], ['bob@example.org', 'ｘ'], ['bob@example.org', '×']),
    ).toEqual([
      'sheet Import, B3: looks like an x, but is another character (U+0445): enter an x, or nothing',
      'sheet Import, B4: looks like an x, but is another character (U+FF58): enter an x, or nothing',
      'sheet Import, B5: looks like an x, but is another character (U+00D7): enter an x, or nothing',
    ]);
  });

  it('I-05 characters that are not what they look like', async () => {
    expect(
      await problemsOf(
        ['аda@example.org', 'x'],
        ['ａda@example.org', 'x'],
        ['ada@exam\u200bple.org', 'x'],
        ['ada＠example.org', 'x'],
      ),
    ).toEqual([
      'sheet Import, A3: holds a look-alike of a Latin letter (U+0430)',
      'sheet Import, A4: holds a look-alike of another character (U+FF41)',
      'sheet Import, A5: holds a character that cannot be seen (U+200B)',
      'sheet Import, A6: holds a look-alike of another character (U+FF20)',
    ]);
    const accents = filled(template, [
      ['jürgen@example.org', 'x'],
      ['жанна@пример.рф', 'x'],
    ]);
    expect((await read(accents)).rows).toHaveLength(2);
  });

  it('I-05 without an email or without a mark', async () => {
    expect(await problemsOf(['', 'x'], ['bob@example.org'])).toEqual([
      'sheet Import, A3: the email is missing',
      'sheet Import, A4: no activity is marked with an x',
    ]);
    const people = await templateOf({ action: 'delete-users' }, []);
    expect((await read(filled(people, [['bob@example.org']]))).rows).toEqual([
      { row: 2, email: 'bob@example.org', marks: [] },
    ]);
  });

  it('I-05 hidden, by hand, by a filter or by having no height', async () => {
    const hidden = (attributes: string): FilledRow => ({ cells: ['bob@example.org', 'x'], attributes });
    expect(
      await problemsOf(hidden('hidden="1"'), hidden('hidden="true"'), hidden('ht="0" customHeight="1"')),
    ).toEqual([3, 4, 5].map((row) => `sheet Import, ${row}: the line is hidden: show it, or delete it`));
  });

  it('I-05 as many problems as there are are counted, the first thousand told', async () => {
    const rows = Array.from({ length: 1500 }, (): string[] => ['nobody', 'x']);
    const { rows: none, problems } = await read(filled(template, rows));
    expect(none).toEqual([]);
    expect(problems.count).toBe(1500);
    expect(problems.first).toHaveLength(1000);
  });
});

describe('a file in which it is doubtful what is meant', () => {
  it('I-05 a column that the template does not have', async () => {
    const file = filled(template, [
      ['ada@example.org', 'x', '', 'x'],
      ['bob@example.org', 'x', '', '', 'a note'],
    ]);
    expect(await refusalOf(file)).toEqual([
      'sheet Import, D2: the column is not one of the template: delete it',
      'sheet Import, E3: the column is not one of the template: delete it',
    ]);
  });

  it('I-05 merged cells', async () => {
    const file = edited(
      filled(template, [ada]),
      sheetPath,
      '</sheetData>',
      '</sheetData><mergeCells count="1"><mergeCell ref="A2:A5"/></mergeCells>',
    );
    expect(await refusalOf(file)).toEqual(['sheet Import, A2: merged cells (A2:A5): unmerge them']);
  });

  it('I-05 a hidden column', async () => {
    const hidden = edited(
      filled(template, [ada]),
      sheetPath,
      '<col min="2" max="2" ',
      '<col min="2" max="2" hidden="1" ',
    );
    expect(await refusalOf(hidden)).toEqual(['sheet Import, B: the column is hidden: show it, or delete it']);
  });

  it('I-05 another sheet', async () => {
    const other = edited(
      template,
      'xl/workbook.xml',
      '</sheets>',
      '<sheet r:id="rId2" sheetId="3" name="More people"/></sheets>',
    );
    expect(await refusalOf(other)).toEqual([
      'sheet More people: the sheet is not one of the template: delete it',
    ]);
  });

  it('I-05 something above the header, or a formula in it', async () => {
    const below = edited(template, 'xl/workbook.xml', /\$1</g, '$3<');
    const file = edited(
      below,
      sheetPath,
      /<row r="1">.*<\/row>/,
      '<row r="1"><c r="A1" t="inlineStr"><is><t>bob@example.org</t></is></c></row>',
    );
    expect(await refusalOf(file)).toEqual(['sheet Import, A1: stands above the header: delete it']);
    const header = edited(template, sheetPath, '<v>0</v>', '<f>1+1</f><v>0</v>');
    expect(await refusalOf(header)).toEqual(['sheet Import, A1: holds a formula: enter a text']);
  });
});
