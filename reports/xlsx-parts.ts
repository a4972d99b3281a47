import type { ZipEntry } from './zip.ts';

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const packages = 'http://schemas.openxmlformats.org/package/2006';
const types = 'application/vnd.openxmlformats-officedocument.spreadsheetml';

/** The file of a sheet, from 1. */
export function sheetName(number: number): string {
  return `sheet${number}.xml`;
}

/** The cell formats: 0 numbers, 1 text, 2 text that is marked as quoted, 3 the header. 49 is Excel's number for text. */
const styles =
  `${head}<styleSheet xmlns="${main}">` +
  '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
  '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
  '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>' +
  '<cellXfs count="4"><xf xfId="0"/><xf xfId="0" numFmtId="49" applyNumberFormat="1"/>' +
  '<xf xfId="0" numFmtId="49" applyNumberFormat="1" quotePrefix="1"/>' +
  '<xf xfId="0" numFmtId="49" applyNumberFormat="1" fontId="1" applyFont="1"/></cellXfs></styleSheet>';

const numbers = (sheets: number): number[] => Array.from({ length: sheets }, (_, i) => i + 1);

/** The workbook that names these sheets. */
export function workbookParts(sheets: number): ZipEntry[] {
  const named = numbers(sheets).map((n) => `<sheet name="Report ${n}" sheetId="${n}" r:id="rId${n}"/>`);
  const related = numbers(sheets).map((n) => relation(n, 'worksheet', `worksheets/${sheetName(n)}`));
  return [
    part(
      'xl/workbook.xml',
      `${head}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${named.join('')}</sheets></workbook>`,
    ),
    part('xl/_rels/workbook.xml.rels', relations([...related, relation(sheets + 1, 'styles', 'styles.xml')])),
    part('xl/styles.xml', styles),
  ];
}

/** What says which part of the archive is what. */
export function rootParts(sheets: number): ZipEntry[] {
  const overrides = [
    override('/xl/workbook.xml', 'sheet.main'),
    override('/xl/styles.xml', 'styles'),
    ...numbers(sheets).map((n) => override(`/xl/worksheets/${sheetName(n)}`, 'worksheet')),
  ];
  const defaults = `<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>`;
  return [
    part('_rels/.rels', relations([relation(1, 'officeDocument', 'xl/workbook.xml')])),
    part(
      '[Content_Types].xml',
      `${head}<Types xmlns="${packages}/content-types">${defaults}${overrides.join('')}</Types>`,
    ),
  ];
}

function part(name: string, text: string): ZipEntry {
  return { name, content: [text] };
}

function override(name: string, kind: string): string {
  return `<Override PartName="${name}" ContentType="${types}.${kind}+xml"/>`;
}

function relation(id: number, type: string, target: string): string {
  return `<Relationship Id="rId${id}" Type="${office}/${type}" Target="${target}"/>`;
}

function relations(all: readonly string[]): string {
  return `${head}<Relationships xmlns="${packages}/relationships">${all.join('')}</Relationships>`;
}
