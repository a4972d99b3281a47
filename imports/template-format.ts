/*
 * How a template carries what it is for (I-03): a sheet that is not shown holds the marker, and names for cells, which are
 * not shown either, say which column is which. Spreadsheet programs keep such names with their cells: columns
 * may be renamed, moved or deleted, lines and sheets too, and each still means what it did.
 */

/** In the first cell of the sheet that is not shown. */
export const templateTitle = 'lms-lifecycle import template';
/** The first cell's neighbour: how the rest is to be read. */
export const templateVersion = '1';
export const markerSheet = '_lms_lifecycle';
export const peopleSheet = 'Import';

/** The name of the email column's header. */
export const emailName = '_lms_email';

/** The name of the header of the n-th activity column, from 1. */
export function activityName(n: number): string {
  return `_lms_activity_${n}`;
}
