import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { devError } from '../../dev/dev-errors.ts';
import { assertPortFree, freePort, retryOnBusyPort } from '../../dev/free-port.ts';

describe('ports', () => {
  test('a free port can be listened on', async () => {
    await expect(assertPortFree(await freePort(), 'a test')).resolves.toBeUndefined();
  });

  test.each(['127.0.0.1', '0.0.0.0'])(
    'a port taken on %s is named, with who wants it and what to do',
    async (host) => {
      const port = await freePort();
      const squatter = createServer();
      await new Promise<void>((resolve) => squatter.listen({ port, host }, resolve));
      const attempt = assertPortFree(port, 'the Web UI');
      await expect(attempt).rejects.toThrow(`Port ${port} of 127.0.0.1, wanted for the Web UI, is in use.`);
      await expect(attempt).rejects.toThrow('start --ports auto');
      await expect(attempt).rejects.toMatchObject({ name: 'DevError', code: 'EADDRINUSE' });
      await new Promise((resolve) => squatter.close(resolve));
    },
  );

  test('a port that was snatched away in between is tried anew, other failures and the third are not', async () => {
    const busy = devError('EADDRINUSE', 'busy', 'try again');
    const attempts = async (...outcomes: (Error | string)[]) => {
      let n = 0;
      const attempt = () => {
        const outcome = outcomes[n++] ?? busy;
        return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
      };
      return { result: await retryOnBusyPort(attempt).catch((error: Error) => error.message), n };
    };
    expect(await attempts(busy, busy, 'up')).toEqual({ result: 'up', n: 3 });
    expect(await attempts(busy, busy, busy, 'up')).toEqual({ result: 'busy\ntry again', n: 3 });
    expect(await attempts(new Error('other'), 'up')).toEqual({ result: 'other', n: 1 });
  });
});
