import { z } from 'zod';
import { operationSchemas } from '../../contracts/operations.ts';

/** What a template is asked for with (activities/make-template.ts). */
export const templateSchema = z.strictObject({
  action: z.string().min(1).max(50),
  activities: z.array(z.string().min(1).max(500)).default([]),
  group: z.string().min(1).max(500).optional(),
  includePrivateSubgroups: z.boolean().default(false),
});

/** What activities are looked for with: part of a title or id. */
export const searchSchema = z.strictObject({
  text: z.string().max(500).default(''),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});

/** What a start is told: what `runImport` takes, but for the import itself. */
export const startSchema = operationSchemas.runImport.omit({ import: true, mode: true });
export type StartBody = z.infer<typeof startSchema>;
