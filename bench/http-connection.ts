import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A connection that requests are written to as they are: what a benchmark sends must cost it as little as can be. */
export class HttpConnection {
  readonly #socket: Socket;
  #received = '';
  #waiting: { done: (status: number) => void; failed: (error: Error) => void } | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay().setEncoding('latin1');
    socket.on('data', (piece: string) => {
      this.#take(piece);
    });
    // What is wrong is told to whoever waits, when the connection closes.
    socket.on('error', () => undefined);
    socket.once('close', () => this.#waiting?.failed(new Error('the server has hung up')));
  }

  static async open(url: string): Promise<HttpConnection> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new HttpConnection(socket);
  }

  /** Sends one request, the one before having been answered; its status. */
  send(request: string): Promise<number> {
    return new Promise((done, failed) => {
      this.#waiting = { done, failed };
      if (this.#socket.destroyed) failed(new Error('the server has hung up'));
      else this.#socket.write(request);
    });
  }

  /** Whether what is written may still be read: an answer that came early, or an end, says no. */
  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#waiting !== null;
  }

  /** Sends text that nobody answers yet. */
  write(text: string): void {
    if (!this.#socket.destroyed) this.#socket.write(text);
  }

  /** The status of an answer that nothing was sent for just now. */
  answer(): Promise<number> {
    return this.send('');
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(piece: string): void {
    this.#received += piece;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#received.slice(0, end);
    const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
    if (this.#received.length < end + 4 + length) return;
    this.#received = '';
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.done(Number(head.slice(9, 12)));
  }
}
