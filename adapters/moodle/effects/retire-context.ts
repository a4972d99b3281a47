import type { EffectStatement } from '../../host-lms.ts';
import { deleteRows, doomedName } from './doomed-rows.ts';
import type { DoomedRows } from './doomed-rows.ts';
import { gone } from './prelude.ts';

/** The contexts that are the account's own: its user context, and those of the blocks on its pages. */
const space = /* sql */ `
  own_context as materialized (
    select g.change_id, c.id as contextid
      from gone g join {context} c on c.contextlevel = 30 and c.instanceid = g.userid),
  own_block as materialized (
    select o.change_id, b.id as blockid from own_context o join {block_instances} b on b.parentcontextid = o.contextid),
  block_context as materialized (
    select b.change_id, c.id as contextid
      from own_block b join {context} c on c.contextlevel = 80 and c.instanceid = b.blockid),
  space as materialized (select * from own_context union all select * from block_context)`;

const inSpace = { of: 'space', where: 'x.contextid = g.contextid' };

/**
 * Everything in the account's own contexts, other people's comments and roles there included; the user context itself
 * stays, those of its blocks go (Moodle 4.5: measured). Of files the records go: their contents are not touched.
 */
export const contextRows: readonly DoomedRows[] = [
  { table: 'role_assignments', ...inSpace, needs: { roleid: 'role' } },
  { table: 'role_capabilities', ...inSpace, needs: { roleid: 'role' } },
  { table: 'role_names', ...inSpace, needs: { roleid: 'role' } },
  { table: 'files', ...inSpace },
  { table: 'comments', ...inSpace },
  { table: 'rating', ...inSpace },
  { table: 'block_positions', of: 'own_context', where: 'x.contextid = g.contextid' },
  { table: 'block_instances', of: 'own_block', where: 'x.id = g.blockid' },
  { table: 'context', of: 'block_context', where: 'x.id = g.contextid' },
];

export const retireContext: EffectStatement = {
  ctes: [gone, space, ...contextRows.map(deleteRows)].join(','),
  images: contextRows.map(doomedName),
};
