import { strFromU8, unzipSync } from 'fflate';
import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { expect, it } from 'vitest';
import { Refusal } from '../../contracts/failures.ts';
import type { ReportCell } from '../../contracts/reports.ts';
import { writeXlsx } from '../../reports/write-xlsx.ts';

type Rows = ReportCell[][];

async function fileOf(header: string[], pages: Rows[], rowsPerSheet?: number): Promise<Buffer> {
  async function* read(): AsyncGenerator<Rows, void> {
    for (const page of pages) yield await Promise.resolve(page);
  }
  const pieces: Buffer[] = [];
  for await (const piece of writeXlsx(header, read(), rowsPerSheet)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The cells of a sheet as programs read them, by reference, with the elements that stand around. */
function cellsOf(file: Buffer, sheet = 1): { cells: Record<string, string>; elements: Set<string> } {
  const xml = strFromU8(unzipSync(file)[`xl/worksheets/sheet${sheet}.xml`] ?? new Uint8Array());
  const [cells, elements]: [Record<string, string>, Set<string>] = [{}, new Set()];
  let at = '';
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    elements.add(name);
    if (name === 'c') at = attributes['r'] ?? '';
  });
  parser.on('text', (text) => {
    const read = text.replaceAll(/_x([0-9A-F]{4})_/g, (_, hex: string) =>
      String.fromCharCode(parseInt(hex, 16)),
    );
    cells[at] = (cells[at] ?? '') + read;
  });
  parser.write(xml).close();
  return { cells, elements };
}

it('P-03 a sheet holds the header and every row, in order, over all pages', async () => {
  const file = await fileOf(
    ['ID', 'Sum'],
    [
      [['a', 1]],
      [],
      [
        ['b', 2],
        ['', 0],
      ],
    ],
  );
  expect(cellsOf(file).cells).toEqual({ A1: 'ID', B1: 'Sum', A2: 'a', B2: '1', A3: 'b', B3: '2', B4: '0' });
  expect(
    await fileOf(
      ['ID', 'Sum'],
      [
        [['a', 1]],
        [],
        [
          ['b', 2],
          ['', 0],
        ],
      ],
    ),
  ).toEqual(file);
});

it('P-03 a report without rows is a file with a header', async () => {
  expect(cellsOf(await fileOf(['ID'], [])).cells).toEqual({ A1: 'ID' });
});

it('P-03 where a sheet is full another one follows, with the header', async () => {
  const file = await fileOf(
    ['ID'],
    [
      [['a'], ['b'], ['c']],
      [['d'], ['e']],
    ],
    3,
  );
  expect([1, 2, 3].map((sheet) => cellsOf(file, sheet).cells)).toEqual([
    { A1: 'ID', A2: 'a', A3: 'b' },
    { A1: 'ID', A2: 'c', A3: 'd' },
    { A1: 'ID', A2: 'e' },
  ]);
  expect(Object.keys(unzipSync(file)).filter((name) => name.includes('sheet4'))).toEqual([]);
});

it('P-04 every text is a cell of text with just that text, and none a formula', async () => {
  const text = fc.string({
    unit: fc.constantFrom(...Array.from('=+-@<>&"\'\t\r\n _x000D_\u0000\u001fé￿日')),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 5 }), async (row) => {
      const { cells, elements } = cellsOf(
        await fileOf(
          row.map(() => 'h'),
          [[row]],
        ),
      );
      expect(row.map((_, i) => cells[`${'ABCDE'[i] ?? ''}2`] ?? '')).toEqual(row);
      expect(elements).not.toContain('f');
    }),
    { numRuns: 50 },
  );
});

it('P-04 a text that looks like a formula is marked as quoted', async () => {
  const xml = strFromU8(
    unzipSync(await fileOf(['h'], [[['=1+1'], ['a']]]))['xl/worksheets/sheet1.xml'] ?? new Uint8Array(),
  );
  expect(xml).toContain('<c r="A2" s="2" t="inlineStr">');
  expect(xml).toContain('<c r="A3" s="1" t="inlineStr">');
});

it('P-03 a text that no cell can hold is refused and not cut off', async () => {
  await expect(fileOf(['h'], [[['x'.repeat(32_768)]]])).rejects.toThrow(Refusal);
});
