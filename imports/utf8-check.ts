import { isUtf8 } from 'node:buffer';
import { ListRefused } from './list-refused.ts';

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const lineFeed = 0x0a;

/**
 * Lets text through and refuses all else: what is no UTF-8, and control bytes other than tab, CR and LF, which no
 * list holds but every binary file does. The chunks that it gives back never end within a character.
 */
export class Utf8Check {
  readonly #path: string;
  #offset = 0;
  #line = 1;
  #cut: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** The text that is complete by now, without a byte order mark. @throws ListRefused */
  take(chunk: Buffer): Buffer {
    const bytes = this.#cut.length === 0 ? chunk : Buffer.concat([this.#cut, chunk]);
    const isStart = this.#offset === 0;
    if (isStart && isUtf16(bytes)) throw this.#refusal(0, 'it is UTF-16; save it as UTF-8');
    const whole = bytes.subarray(0, bytes.length - cutLength(bytes));
    this.#check(whole);
    this.#cut = bytes.subarray(whole.length);
    this.#offset += whole.length;
    return isStart && whole.indexOf(byteOrderMark) === 0 ? whole.subarray(byteOrderMark.length) : whole;
  }

  /** Nothing follows. @throws ListRefused */
  end(): void {
    if (this.#cut.length > 0) throw this.#refusal(0, 'it ends within a character');
  }

  #check(bytes: Buffer): void {
    const invalid = isUtf8(bytes) ? bytes.length : invalidAt(bytes);
    for (let i = 0; i < invalid; i++) {
      const byte = bytes[i] ?? 0;
      if (byte === lineFeed) this.#line++;
      else if (isControl(byte)) throw this.#refusal(i, `control byte ${byte}`);
    }
    if (invalid < bytes.length) throw this.#refusal(invalid, 'invalid byte');
  }

  #refusal(at: number, what: string): ListRefused {
    const place = `byte ${this.#offset + at}, line ${this.#line}`;
    return new ListRefused(`${this.#path} is not a text file (UTF-8): ${what} (${place})`);
  }
}

function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x09 && byte !== lineFeed && byte !== 0x0d) || byte === 0x7f;
}

function isUtf16(bytes: Buffer): boolean {
  const [first, second] = bytes;
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** How many of the last bytes begin a character that the next chunk may complete. */
function cutLength(bytes: Buffer): number {
  for (let length = 1; length <= Math.min(3, bytes.length); length++) {
    const byte = bytes[bytes.length - length] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return length < characterLength(byte) ? length : 0;
  }
  return 0;
}

function characterLength(lead: number): number {
  if (lead >= 0xf0) return 4;
  return lead >= 0xe0 ? 3 : 2;
}

/** Where bytes that are not UTF-8 stop being it: decoding puts U+FFFD there, which may also be in the text itself. */
function invalidAt(bytes: Buffer): number {
  const replacement = Buffer.from('\ufffd');
  let at = 0;
  for (const part of bytes.toString('utf8').split('\ufffd')) {
    at += Buffer.byteLength(part);
    if (!bytes.subarray(at, at + replacement.length).equals(replacement)) return at;
    at += replacement.length;
  }
  return at;
}
