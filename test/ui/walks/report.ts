import { expect, it } from 'vitest';
import { docExamples } from '../support/doc-examples.ts';
import { shoot } from '../support/pictures.ts';
import type { Stage } from '../support/stage.ts';

/** What changes nothing: a report, and the sweep that the schedule runs. */
export function walkThroughAReport(stage: Stage): void {
  it('a report is written and mailed, and its page says until when it is kept', async () => {
    const { ui, mails } = stage;
    const [input = {}] = docExamples('Run a report');
    await ui.start({ id: 'report-users', type: 'runReport', input });
    await ui.untilStatus('Completed');
    const details = await ui.detailsWith('The link to it was mailed. A report changes nothing.');
    expect(await details.innerText()).toMatch(
      /Done\. The file \S+\.xlsx has \d+ users in \d+ bytes, and is kept until/,
    );
    await shoot(ui.page, 'report', 620);
    expect(mails.received.map(({ to }) => to)).toEqual([['owner@example.org']]);

    await ui.start({ id: 'report-mistake', type: 'runReport', input: { ...input, format: 'pdf' } });
    await ui.untilStatus('Failed');
    await ui.detailsWith(
      'Failed: InvalidInput: input.format: must be “csv” or “xlsx”. Nobody has a link to it.',
    );
  });

  it('the reconciliation sweep says who asked for it, and what it would do', async () => {
    const { ui } = stage;
    await ui.start({ id: 'sweep', type: 'reconcileQualifications', input: { mode: 'preview' } });
    await ui.untilStatus('Completed');
    const details = await ui.detailsWith('Previewed. Nothing has changed.');
    expect(await details.innerText()).toContain('reconcileQualifications, asked for by the system');
  });
}
