import { insertElementMarkupAccordingToOrderOfSiblings, sanitizeTextContent } from 'write-excel-file/utility';
import { columnName } from './cell-ref.ts';
import type { XlsxFeature } from './xlsx-feature.ts';

/** A sheet that people cannot even ask to be shown; by its index. */
export function hiddenSheet(sheet: number): XlsxFeature {
  return {
    files: {
      transform: {
        'xl/workbook.xml': {
          transformElementAttributes: (tagName, attributes, index) =>
            tagName === 'sheet' && index === sheet ? { ...attributes, state: 'veryHidden' } : attributes,
        },
      },
    },
  };
}

/** Names for the header cells of a sheet, from its first column on, which are not shown. */
export function hiddenNames(names: readonly string[], sheet: string): XlsxFeature {
  const defined = names.map(
    (name, i) => `<definedName name="${name}" hidden="1">${sheet}!$${columnName(i + 1)}$1</definedName>`,
  );
  return {
    files: {
      transform: {
        'xl/workbook.xml': {
          transform: (xml) =>
            xml.replace('<definedNames/>', `<definedNames>${defined.join('')}</definedNames>`),
        },
      },
    },
  };
}

/** As the format wants them ordered, as far as it matters here. */
const sheetParts = [
  'sheetData',
  'mergeCells',
  'dataValidations',
  'pageMargins',
  'pageSetup',
  'drawing',
  'legacyDrawing',
];

/** A drop-down with an x, in the lines 2 to `lastRow` of some columns of the first sheet. */
export function dropDown(firstColumn: number, lastColumn: number, lastRow: number): XlsxFeature {
  const cells = `${columnName(firstColumn)}2:${columnName(lastColumn)}${lastRow}`;
  const message = sanitizeTextContent('Choose x, or leave the cell empty.');
  const markup =
    '<dataValidations count="1">' +
    '<dataValidation type="list" allowBlank="1" showInputMessage="1" showErrorMessage="1" ' +
    `errorTitle="x" error="${message}" sqref="${cells}"><formula1>"x"</formula1></dataValidation>` +
    '</dataValidations>';
  return {
    files: {
      transform: {
        'xl/worksheets/sheet{id}.xml': {
          transform: (xml, _, { sheetIndex }) =>
            sheetIndex === 0
              ? insertElementMarkupAccordingToOrderOfSiblings(xml, markup, sheetParts, 'worksheet')
              : xml,
        },
      },
    },
  };
}
