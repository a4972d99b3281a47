import { refuseFile } from './import-refused.ts';
import { attribute, readXml } from './read-xml.ts';
import type { Archive } from './xlsx-archive.ts';

/** What a workbook says about itself. */
export interface Workbook {
  sheets: { name: string; path: string }[];
  /** Names for cells, and what they stand for, as `Import!$A$1`. */
  names: Map<string, string>;
  sharedStrings: string | null;
}

interface Relationship {
  type: string;
  /** The part's path in the archive. */
  path: string;
}

/** As many as no template has; what comes after is not looked at. */
const maxNames = 10_000;

/** @throws ImportRefused for a file that is no workbook, or one with macros */
export async function readWorkbook(archive: Archive): Promise<Workbook> {
  await refuseMacros(archive);
  const start = (await readRelationships(archive, '')).find(({ type }) => type === 'officeDocument');
  if (!start) throw refuseFile('the file is not a spreadsheet: save the filled template as xlsx');
  const parts = await readRelationships(archive, start.path);
  const byId = new Map(parts.map((part) => [part.id, part]));
  const workbook: Workbook = {
    sheets: [],
    names: new Map(),
    sharedStrings: parts.find(({ type }) => type === 'sharedStrings')?.path ?? null,
  };
  let named: string | null = null;
  let text = '';
  await readXml(archive, start.path, {
    open(name, attributes) {
      if (name === 'sheet') {
        const part = byId.get(attribute(attributes, 'id') ?? '');
        if (!part) throw refuseFile('the file is damaged: a sheet is missing in it');
        const path = part.type === 'worksheet' ? part.path : '';
        workbook.sheets.push({ name: attributes['name'] ?? '', path });
      }
      if (name === 'definedName' && workbook.names.size < maxNames) {
        named = attributes['name'] ?? '';
        text = '';
      }
    },
    text(more) {
      if (named !== null) text += more;
    },
    close(name) {
      if (name === 'definedName' && named !== null) {
        workbook.names.set(named, text.trim());
        named = null;
      }
    },
  });
  return workbook;
}

/** A workbook with macros is told from others by its type, whatever the file is called. */
async function refuseMacros(archive: Archive): Promise<void> {
  await readXml(archive, '[Content_Types].xml', {
    open(_, attributes) {
      if (!/macroenabled|vbaproject|macrosheet/i.test(attributes['ContentType'] ?? '')) return;
      throw refuseFile('the file holds macros: save it as xlsx, which has none');
    },
  });
}

/** What a part refers to; '' for the file as a whole. Parts outside of the file are never looked at. */
async function readRelationships(archive: Archive, part: string): Promise<(Relationship & { id: string })[]> {
  const folder = part.slice(0, part.lastIndexOf('/') + 1);
  const path = `${folder}_rels/${part.slice(folder.length)}.rels`;
  const found: (Relationship & { id: string })[] = [];
  await readXml(archive, path, {
    open(name, { Id: id = '', Type: type = '', Target: target = '', TargetMode: mode }) {
      if (name !== 'Relationship' || mode === 'External') return;
      found.push({ id, type: type.slice(type.lastIndexOf('/') + 1), path: resolvePath(folder, target) });
    },
  });
  return found;
}

function resolvePath(folder: string, target: string): string {
  return new URL(target, new URL(folder, 'file:///')).pathname.slice(1);
}
