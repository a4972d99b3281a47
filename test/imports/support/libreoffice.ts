import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where LibreOffice is; null when it is not installed. */
export async function findLibreOffice(): Promise<string | null> {
  const { SOFFICE: named } = process.env;
  for (const candidate of [named ?? 'soffice', 'libreoffice']) {
    const found = await run(candidate, ['--version']).catch(() => null);
    if (found) return candidate;
  }
  return null;
}

/**
 * Opens a file in LibreOffice, does in it what the lines of Basic say (`sheet` is the one called Import, `document` the whole),
 * and saves it as xlsx, as a person would.
 */
export async function filledByLibreOffice(
  soffice: string,
  file: Buffer,
  lines: readonly string[],
): Promise<Buffer> {
  const dir = await mkdtemp(join(tmpdir(), 'lms-lifecycle-soffice-'));
  try {
    const [from, to] = [join(dir, 'from.xlsx'), join(dir, 'to.xlsx')];
    await writeFile(from, file);
    const profile = `-env:UserInstallation=${pathToFileURL(join(dir, 'profile')).href}`;
    const options = { timeout: 120_000 };
    // The first run only lays out the profile, over whatever is there.
    await run(soffice, [profile, '--headless', '--norestore', '--terminate_after_init'], options);
    await writeMacro(join(dir, 'profile', 'user', 'basic', 'Standard'), from, to, lines);
    await run(soffice, [profile, '--headless', '--norestore', 'macro:///Standard.Module1.Main'], options);
    return await readFile(to);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function writeMacro(dir: string, from: string, to: string, lines: readonly string[]): Promise<void> {
  const basic = [
    'Sub Main',
    'Dim options(0) As New com.sun.star.beans.PropertyValue',
    'options(0).Name = "Hidden"',
    'options(0).Value = True',
    `document = StarDesktop.loadComponentFromURL("${pathToFileURL(from).href}", "_blank", 0, options())`,
    'sheet = document.Sheets.getByName("Import")',
    ...lines,
    'Dim saving(0) As New com.sun.star.beans.PropertyValue',
    'saving(0).Name = "FilterName"',
    'saving(0).Value = "Calc MS Excel 2007 XML"',
    `document.storeToURL("${pathToFileURL(to).href}", saving())`,
    'document.close(True)',
    'End Sub',
  ].join('\n');
  const head = (element: string, dtd: string): string =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE ${element} PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "${dtd}.dtd">\n`;
  const library =
    '<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" ' +
    'library:passwordprotected="false"><library:element library:name="Module1"/></library:library>';
  const module =
    '<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Module1" script:language="StarBasic">' +
    `${basic.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</script:module>`;
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'script.xlb'), head('library:library', 'library') + library);
  await writeFile(join(dir, 'Module1.xba'), head('script:module', 'module') + module);
}
