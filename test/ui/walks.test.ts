import { expect, it, vi } from 'vitest';
import { docExamples, filledIn } from './support/doc-examples.ts';
import { shoot } from './support/pictures.ts';
import { setStage } from './support/stage.ts';
import { walkThroughABatch } from './walks/batch.ts';
import { walkThroughTheCodec } from './walks/codec.ts';

const steps = [
  ...['open', 'plan', 'seal'],
  ...['transferOwnership', 'leaveSlots', 'leaveSessions', 'leaveGroups', 'retireAccounts'],
  ...['verify', 'close'],
];

// A browser beside other tests on two cores takes its time.
vi.setConfig({ testTimeout: 240_000 });

const stage = setStage();
/** Of the plan that was previewed. */
let hash = '';

it('a preview shows the plan and changes nothing', async () => {
  const { ui } = stage;
  const before = await stage.world();
  const [input = {}, page = {}] = docExamples('Preview');
  await ui.start({ id: 'preview-ada', type: 'deleteUser', input });
  await ui.untilStatus('Completed');
  const details = await ui.detailsWith('Previewed. Nothing has changed.');
  hash = /"planHash": "([0-9a-f]{64})"/.exec(await details.locator('pre').innerText())?.[1] ?? '';
  await shoot(ui.page, 'preview', 1090);
  expect(await ui.query('plan', page)).toContain(hash);
  expect(await stage.world()).toEqual(before);
});

it('a rejected plan ends with who rejected it and why, and changes nothing', async () => {
  const { ui } = stage;
  const before = await stage.world();
  const [input = {}] = docExamples('Start');
  const [, rejection = {}] = docExamples('Approve or reject');
  await ui.start({ id: 'delete-ada-rejected', type: 'deleteUser', input });
  const offered = (await ui.detailsWith('Waiting for approval')).locator('pre').nth(1);
  const answers = { 'your user id': 'u-admin', why: 'she stays until June' };
  expect(filledIn(await offered.innerText(), answers)).toEqual(rejection);
  await ui.sendUpdate('reject', rejection);
  await ui.untilStatus('Failed');
  expect(await ui.result()).toMatch(/rejected by user u-admin: she stays until June[^]*"ApprovalRejected"/);
  await ui.detailsWith('Rejected by user u-admin: she stays until June. Nothing has changed.');
  await shoot(ui.page, 'rejected', 680);
  expect(await stage.world()).toEqual(before);
});

it('an administrator starts a deletion, reads its plan, approves it, finds it, and takes it back', async () => {
  const { ui } = stage;
  const before = await stage.world();
  const [input = {}] = docExamples('Start');
  await ui.fillStartForm({ id: 'delete-ada', type: 'deleteUser', input });
  await shoot(ui.page, 'start', 1020);
  await ui.submitStartForm();
  await ui.untilStatus('Running');

  const details = await ui.detailsWith(
    'Waiting for approval: the input asks for it. Nothing has changed yet.',
  );
  const text = await details.innerText();
  expect(text).toContain('deleteUser, user ada, asked for by user u-owner');
  expect(text).toContain('More Actions, Send an Update:');
  expect(text).toContain('The plan: 19 changes');
  expect(await details.locator('tr').allInnerTexts()).toEqual(
    expect.arrayContaining(['change\thow many', 'ownership.transfer\t7', 'account.retire\t1']),
  );
  expect(text).toContain('course c-espresso, from user ada to grace (D-05, first co-author)');
  await shoot(ui.page, 'waiting-details', 900);
  const approval = filledIn(await details.locator('pre').first().innerText(), { 'your user id': 'u-owner' });
  const planned = ['plan • plans chunk 1', 'seal • adds up the plan and looks at its limits'];
  expect(await ui.timeline()).toEqual(expect.arrayContaining(planned));
  await shoot(ui.page, 'waiting-history', 880);
  expect(await ui.find('LmsState', 'waiting-for-approval')).toEqual(['delete-ada']);

  await ui.open('delete-ada');
  const [wrong = {}] = docExamples('Approve or reject');
  await ui.refusedUpdate('approve', wrong, 'this is not the hash of the plan');

  const dialog = await ui.fillUpdate('approve', approval);
  await shoot(ui.page, 'approve', 720);
  await dialog.getByRole('button', { name: 'Submit' }).click();
  await ui.untilStatus('Completed');
  const seen = (await ui.timeline())
    .map((line) => line.split(' • ')[0] ?? '')
    .filter((name) => steps.includes(name));
  expect(seen.reverse()).toEqual(steps);
  expect(await ui.result()).toContain('"state": "done"');
  expect(await ui.compact()).toMatch(/transferOwnership\s+Summary\s+applies chunk 1\s+Attempt\s+1/);
  await shoot(ui.page, 'steps', 940);

  const done = await ui.detailsWith('Done. 19 of 19 changes applied.');
  await shoot(ui.page, 'done-details', 820);
  const undo = filledIn(await done.locator('pre').innerText(), { 'your user id': 'u-owner' });
  const operation = (undo as { operation?: string }).operation ?? '';
  expect(docExamples('Take it back', { "the operation's id": operation })).toEqual([undo]);
  await ui.start({ id: 'undo-delete-ada', type: 'undoOperation', input: undo });
  await ui.untilStatus('Completed');
  expect(await stage.world()).toEqual(before);

  const found = ['undo-delete-ada', 'delete-ada', 'delete-ada-rejected', 'preview-ada'];
  expect(await ui.find('LmsUserId', 'ada')).toEqual(found);
  await shoot(ui.page, 'find', 460);
}, 120_000);

it('a failure says what is wrong and where', async () => {
  const { ui } = stage;
  const [nobodyAsks = {}, private_ = {}] = docExamples('Read a failure');
  await ui.start({ id: 'delete-ada-mistake', type: 'deleteUser', input: nobodyAsks });
  await ui.untilStatus('Failed');
  expect(await ui.result()).toMatch(/"message": "input\.requestedBy: [^]*"type": "InvalidInput"/);
  await shoot(ui.page, 'failed', 880);
  const details = await ui.detailsWith(
    'Failed: InvalidInput: input.requestedBy: is missing. Nothing has changed.',
  );
  expect(await details.locator('pre').innerText()).toContain('"requestedBy": "<your user id>"');

  await ui.start({ id: 'delete-grace', type: 'deleteUser', input: private_ });
  await ui.untilStatus('Failed');
  expect(await ui.result()).toMatch(/g-leads, g-leads-nl[^]*"type": "PrivateMembershipsRemain"/);
});

it('a start that is bound to a plan applies that plan and no other', async () => {
  const { ui } = stage;
  const another = hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
  const [, , wrong = {}] = docExamples('Preview', { "the plan's hash": another });
  await ui.start({ id: 'delete-ada-another', type: 'deleteUser', input: wrong });
  await ui.untilStatus('Failed');
  expect(await ui.result()).toContain(`the plan would be ${hash}, not ${another}`);

  const [, , bound = {}] = docExamples('Preview', { "the plan's hash": hash });
  await ui.start({ id: 'delete-ada-bound', type: 'deleteUser', input: bound });
  await ui.untilStatus('Completed');
  await ui.detailsWith('Done. 19 of 19 changes applied.');
});

walkThroughABatch(stage);
walkThroughTheCodec(stage);
