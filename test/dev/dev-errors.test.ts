import { describe, expect, test } from 'vitest';
import { explainSystemError, systemErrorInText } from '../../dev/dev-errors.ts';

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it failed`), { code });
}

describe('errors of the embedded environment', () => {
  test.each([
    ['ENOSPC', 'The disk is full. Free some space at /state'],
    ['EACCES', 'Permission is denied. Set LMS_STATE_DIR to a directory of your own'],
    ['EADDRINUSE', 'start --ports auto'],
    ['ENOENT', 'run npm ci again'],
    ['EROFS', 'read-only'],
  ])('%s says what was tried, where, and what to do', (code, remedy) => {
    const explained = explainSystemError(systemError(code), 'write the password', '/state');
    expect(explained).toMatchObject({ name: 'DevError', code });
    expect(String(explained)).toContain(`Could not write the password (/state): ${code}: it failed`);
    expect(String(explained)).toContain(remedy);
  });

  test('errors that there is no advice for come back as they are', () => {
    const [strange, bug] = [systemError('ESTRANGE'), new TypeError('a bug')];
    expect(explainSystemError(strange, 'x', 'y')).toBe(strange);
    expect(explainSystemError(bug, 'x', 'y')).toBe(bug);
  });

  test.each([
    ['could not bind IPv4 address "127.0.0.1": Address already in use', 'EADDRINUSE'],
    ['PANIC: could not write to file "pg_wal/x": No space left on device', 'ENOSPC'],
    ['open /x: permission denied', 'EACCES'],
    ['something else', undefined],
  ])('a log that says "%s" is understood', (text, code) => {
    expect(systemErrorInText(text)).toBe(code);
  });
});
