import { expect, it } from 'vitest';
import { docExamples, filledIn } from '../support/doc-examples.ts';
import { shoot } from '../support/pictures.ts';
import type { Stage } from '../support/stage.ts';

/** Many users, chunk by chunk: pace, pause, a chunk's own page, resume. */
export function walkThroughABatch(stage: Stage): void {
  it('an administrator slows a batch down, pauses it, looks at a chunk, and lets it go on', async () => {
    const { ui } = stage;
    const [input = {}, slow = {}, fast = {}] = docExamples('Pause it, slow it down');
    await ui.start({ id: 'delete-five', type: 'deleteUsers', input });
    const details = await ui.detailsWith('Waiting for approval');
    const answers = { 'your user id': 'u-owner' };
    const approval = filledIn(await details.locator('pre').first().innerText(), answers);

    const said = await ui.refusedUpdate('setPace', { usersPerSecond: '50' }, 'For example');
    expect(said).toContain('usersPerSecond must be a number above 0, or null for no limit.');
    expect(said).not.toMatch(/\bat .*:\d+/);
    await ui.sendUpdate('setPace', slow);
    await ui.sendUpdate('approve', approval);
    const applying = await ui.detailsWith('users a second, about');
    expect(await applying.innerText()).toMatch(
      /1 of 5 chunks done, 1 user, .* left \(until .* UTC\), at most 0.02/,
    );
    await shoot(ui.page, 'applying', 900);
    await ui.sendUpdate('pause');
    const paused = await ui.detailsWith('Paused between chunks. 3 of 15 changes applied.');
    expect(await paused.innerText()).toContain('resume: goes on; without data');
    await shoot(ui.page, 'paused', 800);

    await ui.open('delete-five/chunk-1');
    const chunk = await ui.detailsWith('Chunk 1 of operation');
    expect(await chunk.innerText()).toContain('Done. 3 changes applied.');
    const summary = ui.page.frameLocator('iframe >> nth=0').locator('main');
    expect(await summary.innerText()).toBe('Chunk 1 of 5 of delete-five');
    await shoot(ui.page, 'chunk', 760);

    await ui.open('delete-five');
    await ui.sendUpdate('setPace', fast);
    await ui.sendUpdate('resume');
    await ui.untilStatus('Completed');
    await ui.detailsWith('Done. 15 of 15 changes applied.');
  });
}
