import type { Dependencies } from './dependencies.ts';
import { requireRegistrations } from './require-registrations.ts';
import { Refusal } from '../contracts/failures.ts';
import { importActions, maxActivities, namesActivities } from '../contracts/imports.ts';
import type { ImportAction, TemplateMarker } from '../contracts/imports.ts';
import type { Sql } from '../contracts/sql.ts';
import { writeTemplate } from '../imports/write-template.ts';
import type { TemplateActivity } from '../imports/write-template.ts';
import { instanceId } from '../ledger/imports.ts';

/** What a template is to be for (I-01). */
export interface TemplateRequest {
  /** By one of `importActions`, the name of its operation, as `deleteUsers`, or the one that the button may have. */
  action: string;
  activities: readonly string[];
  group: string | undefined;
  includePrivateSubgroups: boolean;
}

/** A template, and what it is for. */
export interface Template {
  marker: TemplateMarker;
  activities: TemplateActivity[];
  xlsx: Buffer;
}

/**
 * Makes a template of this instance (I-03).
 *
 * @throws Refusal InvalidInput for what does not go together, NotFound for a group or an activity that there is not
 */
export async function makeTemplate(
  { database, host }: Pick<Dependencies, 'database' | 'host'>,
  request: TemplateRequest,
): Promise<Template> {
  const action = actionOf(request.action);
  requireFit(action, request, host);
  const { marker, activities } = await database.snapshot(async (sql) => ({
    activities: await activitiesOf(sql, host, request.activities),
    marker: {
      ...{
        instance: await instanceId(sql),
        action,
        includePrivateSubgroups: request.includePrivateSubgroups,
      },
      ...(await groupOf(sql, host, request.group)),
    },
  }));
  return { marker, activities, xlsx: await writeTemplate(marker, activities) };
}

function actionOf(given: string): ImportAction {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z]/g, '');
  const asked = plain(given).replace(/^unregister/, 'unenrol');
  const action = importActions.find((name) => plain(name) === asked);
  if (action) return action;
  throw new Refusal('InvalidInput', `action: ${given} is none of ${importActions.join(', ')}`);
}

function requireFit(
  action: ImportAction,
  { activities, group }: TemplateRequest,
  host: Dependencies['host'],
): void {
  const refuse = (message: string): never => {
    throw new Refusal('InvalidInput', message);
  };
  const needsActivities = namesActivities(action);
  if (needsActivities) requireRegistrations(host);
  if (needsActivities && activities.length === 0) refuse(`activity: ${action} needs at least one`);
  if (!needsActivities && activities.length > 0) refuse(`activity: ${action} takes none`);
  if (activities.length > maxActivities) refuse(`activity: at most ${maxActivities} to a template`);
  const needsGroup = action === 'remove-from-group';
  if (needsGroup && group === undefined) refuse(`group: ${action} needs one`);
  if (!needsGroup && group !== undefined) refuse(`group: ${action} takes none`);
}

async function activitiesOf(
  sql: Sql,
  host: Dependencies['host'],
  given: readonly string[],
): Promise<TemplateActivity[]> {
  const ids = [...new Set(given)];
  const known = new Map((await host.catalogue.named(sql, ids)).map((found) => [found.id, found]));
  return ids.map((id) => {
    const found = known.get(id);
    if (found) return { id, title: found.title };
    throw new Refusal('NotFound', `activity: there is no course or path ${id}`);
  });
}

async function groupOf(
  sql: Sql,
  host: Dependencies['host'],
  group: string | undefined,
): Promise<{ group?: string }> {
  if (group === undefined) return {};
  if (await host.findGroup(sql, group)) return { group };
  throw new Refusal('NotFound', `group: there is no group ${group}`);
}
