import { sanitizeTextContent } from 'write-excel-file/utility';
import { columnName } from './cell-ref.ts';
import type { XlsxFeature } from './xlsx-feature.ts';

const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const contentTypes = 'application/vnd.openxmlformats-officedocument';

/** Notes at the cells of the first sheet's first row, from its first column on. Each is a text, and the box it is shown in. */
export function cellNotes(notes: readonly string[]): XlsxFeature {
  return {
    files: {
      transform: {
        '[Content_Types].xml': {
          insert: () =>
            `<Default Extension="vml" ContentType="${contentTypes}.vmlDrawing"/>` +
            `<Override PartName="/xl/comments1.xml" ContentType="${contentTypes}.spreadsheetml.comments+xml"/>`,
        },
        'xl/worksheets/sheet{id}.xml': {
          insert: (_, { sheetIndex }) =>
            sheetIndex === 0 ? '<legacyDrawing r:id="rIdNotesBoxes"/>' : undefined,
        },
        'xl/worksheets/_rels/sheet{id}.xml.rels': {
          insert: (_, { sheetIndex }) =>
            sheetIndex === 0
              ? `<Relationship Id="rIdNotesBoxes" Type="${relations}/vmlDrawing" Target="../drawings/vmlDrawing1.vml"/>` +
                `<Relationship Id="rIdNotes" Type="${relations}/comments" Target="../comments1.xml"/>`
              : undefined,
        },
      },
      write: {
        files: () => ({
          'xl/comments1.xml': commentsXml(notes),
          'xl/drawings/vmlDrawing1.vml': boxesXml(notes.length),
        }),
      },
    },
  };
}

function commentsXml(notes: readonly string[]): string {
  const comments = notes.map(
    (text, i) =>
      `<comment ref="${columnName(i + 1)}1" authorId="0"><text><t xml:space="preserve">` +
      `${sanitizeTextContent(text)}</t></text></comment>`,
  );
  return (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>' +
    '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">' +
    `<authors><author>lms-lifecycle</author></authors><commentList>${comments.join('')}</commentList></comments>`
  );
}

function boxesXml(count: number): string {
  const boxes = Array.from({ length: count }, (_, column) => boxXml(column));
  return (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" ' +
    'xmlns:x="urn:schemas-microsoft-com:office:excel">' +
    '<v:shapetype id="note" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">' +
    `<v:stroke joinstyle="miter"/></v:shapetype>${boxes.join('')}</xml>`
  );
}

function boxXml(column: number): string {
  return (
    `<v:shape id="note${column + 1}" type="#note" fillcolor="#ffffe1" ` +
    'style="position:absolute;width:220pt;height:90pt;visibility:hidden" o:insetmode="auto">' +
    '<v:fill color2="#ffffe1"/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>' +
    `<x:AutoFill>False</x:AutoFill><x:Row>0</x:Row><x:Column>${column}</x:Column></x:ClientData></v:shape>`
  );
}
