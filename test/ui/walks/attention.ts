import { expect, it } from 'vitest';
import { docExamples } from '../support/doc-examples.ts';
import { shoot } from '../support/pictures.ts';
import type { Stage } from '../support/stage.ts';

/** Whom the host refuses to change: tried again when it has been mended, or given up. */
export function walkThroughAttention(stage: Stage): void {
  it('whom the host refuses to change is tried again, or given up', async () => {
    const { ui } = stage;
    const [input = {}] = docExamples('When the host refuses');
    await stage.sql(refusing);
    await ui.start({ id: 'delete-two', type: 'deleteUsers', input });
    const details = await ui.detailsWith('Needs attention: the host refused to change some users');
    expect(await details.innerText()).toMatch(/line 1, user radia: Unexpected[^]*The plan/);
    await shoot(ui.page, 'needs-attention', 800);
    await ui.sendUpdate('retryAttention');
    await ui.detailsWith('line 1, user radia');
    await stage.sql('drop trigger refuse on lms.account');
    await ui.sendUpdate('retryAttention');
    await ui.untilStatus('Completed');
    await ui.detailsWith('Done.');

    await stage.sql(refusing.replace("'radia'", "'frances'"));
    const users = [{ id: 'frances' }];
    await ui.start({ id: 'delete-one', type: 'deleteUsers', input: { ...input, users } });
    await ui.detailsWith('Needs attention');
    await ui.sendUpdate('skipAttention');
    await ui.untilStatus('Completed');
    expect(await ui.result()).toContain('"attention": 1');
    await stage.sql('drop trigger refuse on lms.account');
  });
}

const refusing = `
  create or replace function public.refuse() returns trigger language plpgsql as $$
    begin raise exception 'not this one'; end $$;
  create trigger refuse before update on lms.account for each row when (old.id = 'radia') execute function public.refuse()`;
