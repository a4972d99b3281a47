import { expect, it } from 'vitest';
import { columnName, parseCellRef } from '../../imports/cell-ref.ts';

it('columns have names, and places are read back', () => {
  for (const column of [1, 2, 26, 27, 52, 53, 702, 703, 16_383, 16_384]) {
    expect(parseCellRef(`${columnName(column)}7`)).toEqual({ row: 7, column });
  }
  expect([1, 26, 27, 702, 703, 16_384].map(columnName)).toEqual(['A', 'Z', 'AA', 'ZZ', 'AAA', 'XFD']);
  expect(parseCellRef('$B$1048576')).toEqual({ row: 1_048_576, column: 2 });
});

it.each([
  '',
  'A',
  '7',
  'A0',
  'A07',
  'XFE1',
  'AAAA1',
  'A1048577',
  'a1',
  'A1:B2',
  'A 1',
  'A1 ',
  '$$A1',
  'A-1',
  '#REF!',
  'Ａ1',
])('%j is no place', (text) => {
  expect(parseCellRef(text)).toBeNull();
});
