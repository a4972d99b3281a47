import { SaxesParser } from 'saxes';
import { ImportRefused, refuseFile } from './import-refused.ts';
import type { Archive } from './xlsx-archive.ts';

/** What is heard of an XML part while it is read; names without their prefix. */
export interface XmlHandlers {
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  close?(name: string): void;
  text?(text: string): void;
}

/**
 * Reads a part from its beginning to its end, which memory does not grow with. No entity is expanded and nothing outside
 * is looked at: a document type, where both would be asked for, is refused.
 *
 * @throws ImportRefused for what is not well-formed, and whatever the handlers throw
 */
export async function readXml(archive: Archive, path: string, handlers: XmlHandlers): Promise<void> {
  const parser = new SaxesParser<{ xmlns: false; position: false }>({ xmlns: false, position: false });
  parser.on('doctype', () => {
    throw refuseFile(`the file holds a document type (${path}), as no spreadsheet program writes it`);
  });
  parser.on('opentag', ({ name, attributes }) => handlers.open?.(local(name), attributes));
  parser.on('closetag', ({ name }) => handlers.close?.(local(name)));
  parser.on('text', (text) => handlers.text?.(text));
  parser.on('cdata', (text) => handlers.text?.(text));
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const chunk of archive.read(path)) parser.write(decoder.decode(chunk, { stream: true }));
    parser.write(decoder.decode()).close();
  } catch (error) {
    if (error instanceof ImportRefused) throw error;
    throw refuseFile(`the file is damaged: ${path} is not well-formed`);
  }
}

function local(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

/** An attribute, whatever prefix it was given. */
export function attribute(attributes: Readonly<Record<string, string>>, name: string): string | undefined {
  return attributes[name] ?? Object.entries(attributes).find(([key]) => local(key) === name)?.[1];
}
