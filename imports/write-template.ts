import writeExcelFile from 'write-excel-file/node';
import type { Cell, Row } from 'write-excel-file/node';
import { namesActivities } from '../contracts/imports.ts';
import type { TemplateMarker } from '../contracts/imports.ts';
import { importLimits } from './import-limits.ts';
import { cellNotes } from './template-notes.ts';
import { dropDown, hiddenNames, hiddenSheet } from './template-features.ts';
import {
  activityName,
  emailName,
  markerSheet,
  peopleSheet,
  templateTitle,
  templateVersion,
} from './template-format.ts';

/** An activity that gets a column. */
export interface TemplateActivity {
  id: string;
  title: string;
}

const heading = { fontWeight: 'bold', backgroundColor: '#e8eef7', wrap: true, alignVertical: 'top' } as const;

/** An empty template as an xlsx file: an email column, and one with a drop-down for each activity (I-03). */
export async function writeTemplate(
  marker: TemplateMarker,
  activities: readonly TemplateActivity[],
): Promise<Buffer> {
  const headers = ['Email', ...activities.map(({ id, title }) => `${title} (${id})`)];
  const header: Row = headers.map((value): Cell => ({ ...heading, value, type: String }));
  const columns = [{ width: 36 }, ...activities.map(() => ({ width: 18 }))];
  const file = writeExcelFile(
    [
      { sheet: peopleSheet, data: [header], columns, stickyRowsCount: 1, stickyColumnsCount: 1 },
      { sheet: markerSheet, data: markerRows(marker, activities) },
    ],
    {
      features: [
        hiddenSheet(1),
        hiddenNames([emailName, ...activities.map((_, i) => activityName(i + 1))], peopleSheet),
        ...(activities.length === 0 ? [] : [dropDown(2, activities.length + 1, importLimits.rows + 1)]),
        cellNotes(notesOf(marker, activities)),
      ],
    },
  );
  return file.toBuffer();
}

/** One line each: what it is, and its value. */
function markerRows(marker: TemplateMarker, activities: readonly TemplateActivity[]): string[][] {
  return [
    [templateTitle, templateVersion],
    ['instance', marker.instance],
    ['action', marker.action],
    ...(marker.group === undefined ? [] : [['group', marker.group]]),
    ['includePrivateSubgroups', String(marker.includePrivateSubgroups)],
    ...activities.map(({ id }) => ['activity', id]),
  ];
}

/** What people are told at the headers. */
function notesOf(marker: TemplateMarker, activities: readonly TemplateActivity[]): string[] {
  const { action, group } = marker;
  const done = {
    'unenrol-users': 'are unenrolled from the activities that are marked with an x',
    'remove-registrations':
      'lose their registrations for the activities that are marked with an x, with all history: this cannot be undone',
    'delete-users': 'are deleted',
    'remove-from-group': `are removed from the group ${group ?? ''}`,
  }[action];
  const rows = `One user to a line, at most ${importLimits.rows} lines. No formulas, no hidden lines, no merged cells.`;
  const email = `The emails of the users who ${done}.\n${rows}`;
  const mark = 'Enter x for each user who is meant, and leave the others empty. The column may be renamed.';
  return [email, ...(namesActivities(action) ? activities.map(({ id }) => `Activity ${id}\n${mark}`) : [])];
}
