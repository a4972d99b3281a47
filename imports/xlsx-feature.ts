import type writeExcelFile from 'write-excel-file/node';

/** What a template has beyond cells: a hook into the parts that are written. */
export type XlsxFeature = NonNullable<NonNullable<Parameters<typeof writeExcelFile>[1]>['features']>[number];
