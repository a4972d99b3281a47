import { expect, it } from 'vitest';
import { SaxesParser } from 'saxes';
import { importActions, maxActivities, namesActivities } from '../../contracts/imports.ts';
import { importLimits } from '../../imports/import-limits.ts';
import { readImport } from '../../imports/read-import.ts';
import { markerPath, sheetPath, templateOf, unpack } from './support/workbook.ts';

it('I-03 has an email column, and one for each activity, with its title and id', async () => {
  const parts = unpack(await templateOf({}, [{ id: 'c-1', title: 'Selling' }]));
  const strings = [...(parts['xl/sharedStrings.xml'] ?? '').matchAll(/<t[^>]*>(.*?)<\/t>/g)].map(
    ([, text]) => text,
  );
  expect(strings.slice(0, 2)).toEqual(['Email', 'Selling (c-1)']);
  expect(parts[sheetPath]).toMatch(/<row r="1".*<c r="A1".*<c r="B1"/);
});

it('I-03 offers an x in every line of the activity columns', async () => {
  const sheet = unpack(await templateOf())[sheetPath];
  expect(sheet).toContain('type="list"');
  expect(sheet).toContain(`sqref="B2:C${importLimits.rows + 1}"`);
  expect(sheet).toContain('<formula1>"x"</formula1>');
});

it('I-03 says at its headers what to enter', async () => {
  const parts = unpack(await templateOf());
  const comments = parts['xl/comments1.xml'] ?? '';
  expect([...comments.matchAll(/<comment ref="([A-Z]+\d+)"/g)].map(([, ref]) => ref)).toEqual([
    'A1',
    'B1',
    'C1',
  ]);
  expect(comments).toContain('Enter x for each user');
  expect(parts['xl/drawings/vmlDrawing1.vml']?.match(/<v:shape /g)).toHaveLength(3);
});

it('I-03 keeps what it is for on a sheet that is not shown', async () => {
  const parts = unpack(await templateOf());
  expect(parts['xl/workbook.xml']).toMatch(/name="_lms_lifecycle" state="veryHidden"/);
  expect(parts[markerPath]).toContain('<row r="6">');
});

it.each(importActions)('I-01 is made for %s', async (action) => {
  const group = action === 'remove-from-group' ? { group: 'g-1' } : {};
  const file = await templateOf({ action, ...group }, namesActivities(action) ? undefined : []);
  expect((await readImport(file, importLimits)).marker).toEqual({
    ...{ instance: 'here', action, includePrivateSubgroups: false },
    ...group,
  });
});

it('I-03 takes titles and ids as they are, whatever they look like', async () => {
  const odd = [
    { id: '=1+1', title: '=HYPERLINK("http://example.org")' },
    { id: 'a<b>&"c\'', title: ']]> <!-- &amp; \u0007 \ud83d\ude00' },
    { id: ' c ', title: '' },
    { id: '_x0041_', title: 'x'.repeat(5000) },
  ];
  const file = await templateOf({}, odd);
  expect((await readImport(file, importLimits)).columns.map(({ activity }) => activity)).toEqual(
    odd.map(({ id }) => id),
  );
  expect(unpack(file)[sheetPath]).not.toContain('<f>');
});

it('I-03 is well-formed in all its parts, with as many activities as there may be', async () => {
  const activities = Array.from({ length: maxActivities }, (_, i) => ({
    id: `c-${i}`,
    title: `Course ${i}`,
  }));
  const file = await templateOf({}, activities);
  const parts = unpack(file);
  for (const [path, xml] of Object.entries(parts)) {
    expect(() => new SaxesParser().write(xml).close(), path).not.toThrow();
  }
  expect((await readImport(file, importLimits)).columns).toHaveLength(maxActivities);
});

it('I-03 refers only to parts that it has', async () => {
  const parts = unpack(await templateOf());
  for (const [path, xml] of Object.entries(parts).filter(([name]) => name.endsWith('.rels'))) {
    const folder = new URL(path.replace(/_rels\/[^/]*$/, ''), 'file:///');
    for (const [, target = ''] of xml.matchAll(/Target="([^"]*)"/g)) {
      expect(Object.keys(parts)).toContain(new URL(target, folder).pathname.slice(1));
    }
  }
});
