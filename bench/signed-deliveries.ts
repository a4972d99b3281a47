import { createHmac } from 'node:crypto';

/** A source of deliveries. */
export interface Source {
  /** The address of the server. */
  url: string;
  /** What it signs with, in Base64. */
  secret: string;
}

/** Requests as they go over the wire, signed beforehand: good for five minutes. */
export function signedDeliveries({ url, secret }: Source, prefix: string, count: number): string[] {
  const key = Buffer.from(secret, 'base64');
  const timestamp = String(Math.floor(Date.now() / 1000));
  const { host } = new URL(url);
  return Array.from({ length: count }, (_, i) => {
    const id = `${prefix}-${i}`;
    const body = JSON.stringify({
      type: 'user.deleted',
      timestamp: '2026-03-01T12:00:00Z',
      data: { user: { id: `user-${id}` } },
    });
    const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
    const headers = [
      `POST /webhooks/lms HTTP/1.1`,
      `Host: ${host}`,
      'Content-Type: application/json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      `webhook-id: ${id}`,
      `webhook-timestamp: ${timestamp}`,
      `webhook-signature: v1,${signature}`,
    ];
    return `${headers.join('\r\n')}\r\n\r\n${body}`;
  });
}
