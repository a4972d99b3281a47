import { expect, it } from 'vitest';
import { inputRefused, parseInput } from '../../activities/parse-input.ts';
import type { OperationKind } from '../../contracts/operations.ts';

function refusal(kind: OperationKind, input: unknown): string {
  const { error } = parseInput(kind, input);
  if (!error) throw new Error('it was taken');
  return inputRefused(kind, error).message;
}

const aUser = 'must be { "id": … } or { "email": … }, or the text of either';
const by = { requestedBy: 'u-owner' };

it.each<[OperationKind, unknown, string]>([
  ['deleteUser', [], 'input: must be one JSON object, not a list'],
  ['deleteUser', '{"user": "ada"}', 'input: must be one JSON object, not text'],
  ['deleteUser', null, 'input: must be one JSON object, not null'],
  ['deleteUser', {}, 'input.requestedBy: is missing; input.user: is missing'],
  ['deleteUser', { ...by, user: 7, usr: 1 }, `input.user: ${aUser}; input.usr: is not known here`],
  ['deleteUser', { ...by, user: { id: '' } }, 'input.user.id: is empty'],
  [
    'deleteUser',
    { user: 'ada', requestedBy: 5, mode: 'dry', includePrivateSubgroups: 'yes' },
    'input.requestedBy: must be text, not 5; input.mode: must be "apply" or "preview"; input.includePrivateSubgroups: must be true or false, not text',
  ],
  ['deleteUsers', {}, 'input.requestedBy: is missing; input.users: give either users or list, one of them'],
  [
    'deleteUsers',
    { ...by, users: ['ada', 7, { name: 'x' }] },
    `input.users.1: ${aUser}; input.users.2: ${aUser}`,
  ],
  [
    'deleteUsers',
    { ...by, users: 7 },
    'input.users: must be a list of users, or one text with commas between them',
  ],
  [
    'unenrolUsers',
    { users: ['ada'] },
    'input.requestedBy: is missing; input.activities: is missing: users need them',
  ],
  ['removeCoursesFromGroup', { ...by, group: 'g', courses: [] }, 'input.courses: is empty'],
  ['runReport', { ...by, format: 'pdf' }, 'input.format: must be "csv" or "xlsx"'],
])('X-16 %s %j is refused in plain words, every problem with its path', (kind, input, sentence) => {
  expect(refusal(kind, input).split('. For example: ')[0]).toBe(sentence);
});

it('X-16 a refusal ends with a right input of that operation', () => {
  const [, example = ''] = refusal('removeFromGroup', {}).split('. For example: ');
  expect(parseInput('removeFromGroup', JSON.parse(example)).success).toBe(true);
});

it('X-10 nothing that was typed is repeated but numbers and names of members', () => {
  const typed = {
    user: ['ada@example.org'],
    requestedBy: { 'ada@example.org': 1 },
    'ada@example.org': 'Ada',
  };
  expect(refusal('deleteUser', typed)).toContain('input.…: is not known here');
  expect(refusal('deleteUser', typed)).not.toContain('@');
});

it('X-16 of a long list with a slip in every line the first problems are told', () => {
  const message = refusal('deleteUsers', { ...by, users: Array<number>(10_000).fill(7) });
  expect(message).toContain(`input.users.49: ${aUser}; and 9950 more. For example: `);
});
