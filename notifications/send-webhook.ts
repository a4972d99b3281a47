import type { Notice } from '../contracts/notices.ts';
import { Undelivered } from '../contracts/undelivered.ts';
import { sign } from '../webhooks/signature.ts';
import type { Receiver } from './receivers.ts';

/** What Standard Webhooks recommends: 15 to 30 seconds. */
const timeoutMs = 20_000;

/** By which a receiver says that it is to be told no more (Standard Webhooks); after everything else it is tried again. */
const gone = 410;

/**
 * Tells a receiver by a Standard Webhook: `webhook-id` is the notice's in each try, `webhook-timestamp` that of the try. Redirects
 * are not followed: what is signed for one address is not for others.
 *
 * @throws Undelivered
 */
export async function sendWebhook({ url, secrets }: Receiver, { id, ...told }: Notice): Promise<void> {
  const body = Buffer.from(JSON.stringify(told));
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'lms-lifecycle',
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': sign(secrets, { id, timestamp }, body),
  };
  const status = await post(url, headers, body);
  if (status < 200 || status > 299)
    throw new Undelivered(`the receiver answered with ${status}`, status !== gone);
}

async function post(url: string, headers: Record<string, string>, body: Buffer): Promise<number> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const answer = await fetch(url, { method: 'POST', redirect: 'manual', headers, body, signal });
    // What it says is of no use, and may be of any length.
    await answer.body?.cancel();
    return answer.status;
  } catch (error) {
    throw new Undelivered(`the receiver cannot be reached (${reasonOf(error)})`, true);
  }
}

/** Codes and names only: messages may hold the address. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  const code: unknown = error.cause instanceof Error ? Reflect.get(error.cause, 'code') : undefined;
  return typeof code === 'string' ? code : error.name;
}
