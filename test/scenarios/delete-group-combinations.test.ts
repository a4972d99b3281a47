import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../support/lab.ts';
import type { Lab } from '../support/lab.ts';
import { orphansOf, worldAfterGroupDeletion, groupsThatGo } from '../support/naive-group-deletion.ts';
import { admin, the } from '../support/world-builder.ts';
import { outcomeIn } from './content-steps.ts';
import { deletionOfSales, fates, region } from './group-deletion-steps.ts';
import { comparable, newly, warningsBeside } from './joining-steps.ts';
import { essence } from './steps.ts';
import type { Input } from './steps.ts';
import { undo } from './undo-steps.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 120_000);
afterAll(() => lab.close());

/** Every combination of what can be said, in a region with everything. */
const combinations = fates.flatMap((subgroups) => fates.map((fate) => ({ subgroups, orphans: fate })));

describe.each(combinations)('subgroups $subgroups, orphans $orphans', (said) => {
  const input: Input = { ...deletionOfSales, ...said };

  it('G-11 in a region with everything leaves what the rules say', async () => {
    const began = Date.now();
    const { before, after, result } = await outcomeIn(lab, region(), 'deleteGroup', input);
    const deletion = { group: 'g-sales', ...said };
    const then = worldAfterGroupDeletion(before, deletion, admin, new Date(began), newly);
    const orphans = orphansOf(before, groupsThatGo(before, deletion));
    expect(orphans).toEqual(
      said.subgroups === 'delete' ? expect.arrayContaining(['inn', 'clo']) : ['sal', 'sam'],
    );
    if (said.orphans === 'delete') {
      for (const user of orphans) the(then.users, user).deletedAt = the(after.users, user).deletedAt;
    }
    expect(comparable(after, before, began)).toEqual(comparable(then, before, began));
    expect(result).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
    expect(warningsBeside('C-12', result)).toEqual([]);
    await lab.load(after);
    expect(await lab.dump()).toEqual(after);
  });

  it('X-01 X-02 a preview changes nothing, and shows what is then done by its hash, change by change', async () => {
    const preview = await outcomeIn(lab, region(), 'deleteGroup', { ...input, mode: 'preview' });
    expect(preview.after).toEqual(preview.before);
    expect(preview.result).toMatchObject({ state: 'previewed', attention: [] });
    const { planHash, counts, users } = preview.result;
    const applied = await lab.run('deleteGroup', { ...input, planHash });
    expect(applied).toMatchObject({ state: 'done', planHash, counts, users });
    const planned = essence(await lab.changes(preview.result.operation));
    expect(essence(await lab.changes(applied.operation))).toEqual(planned);
    for (const { reason } of planned) expect(reason.rule).toMatch(/^[CDG]-\d\d$/);
  });

  it('X-08 undone is as if it had never been, to the byte', async () => {
    const { before, result } = await outcomeIn(lab, region(), 'deleteGroup', input);
    const undone = await undo(lab, result.operation);
    expect(undone).toMatchObject({ state: 'done', attention: [], conflicts: 0 });
    expect(JSON.stringify(await lab.dump())).toBe(JSON.stringify(before));
    expect(undone.users.done).toBe(result.users.done);
    expect(undone.counts['group.add']).toBe(result.counts['group.delete']);
    const again = await lab.run('deleteGroup', input);
    expect(again.counts).toEqual(result.counts);
  });
});
