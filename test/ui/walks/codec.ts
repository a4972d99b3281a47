import { randomBytes } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import Fastify from 'fastify';
import { expect, it, onTestFinished } from 'vitest';
import { codecRoutes } from '../../../client/codec-routes.ts';
import { aesCodec } from '../../../client/payload-codec.ts';
import { shoot } from '../support/pictures.ts';
import type { Stage } from '../support/stage.ts';
import { tokenProxy } from '../support/token-proxy.ts';

const token = 'a token of thirty-two characters or more';
const asked = { user: 'ada@example.org', requestedBy: 'u-owner' };

/** Encrypted payloads: the browser reads them through the codec server, and nowhere else. */
export function walkThroughTheCodec(stage: Stage): void {
  it('X-10 what is encrypted is read in the browser with the token of the codec server alone', async () => {
    const { ui, addresses } = stage;
    const codec = aesCodec([{ id: 'one', key: randomBytes(32) }]);
    await startEncrypted(addresses['temporalAddress'] ?? '', codec);
    const server = Fastify();
    await server.register(codecRoutes({ codec, token, origins: [addresses['uiUrl'] ?? ''] }));
    const url = await server.listen({ port: 0, host: '127.0.0.1' });
    const proxy = await tokenProxy(url, token);
    onTestFinished(async () => {
      await ui.setCodec('');
      proxy.close();
      await server.close();
    });

    await ui.open('encrypted');
    expect(await ui.input()).not.toContain('ada@');
    await ui.setCodec(`${url}/codec`);
    const [refused] = await Promise.all([
      ui.page.waitForResponse((response) => response.url() === `${url}/codec/decode`),
      ui.open('encrypted'),
    ]);
    expect(refused.status()).toBe(401);
    expect(await ui.input()).not.toContain('ada@');

    await ui.setCodec(`${proxy.url}/codec`);
    await ui.open('encrypted');
    await ui.page.getByText('ada@example.org').first().waitFor();
    expect(JSON.parse(await ui.input())).toEqual(asked);
    await shoot(ui.page, 'decoded', 620);
  });
}

/** A workflow that nobody runs; its input is encrypted by whoever starts it. */
async function startEncrypted(address: string, codec: ReturnType<typeof aesCodec>): Promise<void> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, dataConverter: { payloadCodecs: [codec] } });
  await client.workflow.start('deleteUser', { workflowId: 'encrypted', taskQueue: 'nobody', args: [asked] });
  await connection.close();
}
