const code = (char: string): number => char.charCodeAt(0);
const [quote, backslash, comma] = [code('"'), code('\\'), code(',')];
const [openArray, closeArray, openObject, closeObject] = [code('['), code(']'), code('{'), code('}')];

/** A list of the document, and where in the text its last whole entry ends. */
interface List {
  readonly name: string;
  readonly entries: unknown[];
  end: number;
}

/**
 * A JSON document that arrives in pieces. It finds where the members of the document and the entries of their lists
 * end, and has `JSON.parse` read runs of them, so that no string is longer than a piece and an entry.
 */
export class WorldText {
  readonly #members = new Map<string, unknown>();
  /** What has not been read yet; `#start` is where reading, `#at` where looking goes on. */
  #text = '';
  #start = 0;
  #at = 0;
  #depth = 0;
  #inString = false;
  /** The list that is open. */
  #list: List | null = null;
  #state: 'before' | 'member' | 'after member' | 'after' = 'before';

  add(piece: string): void {
    this.#text += piece;
    this.#look();
    if (this.#list !== null && this.#list.end > this.#start) this.#readEntries(this.#list, this.#list.end);
    this.#text = this.#text.slice(this.#start);
    this.#at -= this.#start;
    this.#start = 0;
    if (this.#list !== null) this.#list.end = 0;
  }

  /** @throws SyntaxError */
  end(): unknown {
    if (this.#state === 'before') return JSON.parse(this.#text);
    if (this.#state !== 'after') throw new SyntaxError('not JSON: the document ends too early');
    this.#refuseText(this.#text.length);
    return Object.fromEntries(this.#members);
  }

  #look(): void {
    if (this.#state === 'before' && !this.#enter()) return;
    for (; this.#state !== 'after' && this.#at < this.#text.length; this.#at++) {
      const char = this.#text.charCodeAt(this.#at);
      if (this.#inString) {
        if (char === backslash) this.#at++;
        else if (char === quote) this.#inString = false;
      } else if (char === quote) this.#inString = true;
      else if (char === openArray || char === openObject) this.#open(char);
      else if (char === closeArray || char === closeObject) this.#close(char);
      else if (char === comma) this.#separate();
    }
  }

  /** Steps into the document; one that is no object is left for the end. */
  #enter(): boolean {
    const first = this.#text.search(/[^ \t\r\n]/);
    if (first < 0 || this.#text.charCodeAt(first) !== openObject) return false;
    [this.#at, this.#start, this.#depth, this.#state] = [first + 1, first + 1, 1, 'member'];
    return true;
  }

  #open(char: number): void {
    this.#depth++;
    if (char !== openArray || this.#depth !== 2 || this.#state !== 'member') return;
    const [name] = this.#readMember('[]');
    this.#start = this.#at + 1;
    this.#list = { name, entries: [], end: this.#start };
  }

  #separate(): void {
    if (this.#depth === 2 && this.#list !== null) this.#list.end = this.#at;
    if (this.#depth !== 1) return;
    this.#endMember();
    this.#state = 'member';
  }

  #close(char: number): void {
    this.#depth--;
    if (this.#depth === 1 && this.#list !== null) this.#closeList(this.#list, char);
    if (this.#depth !== 0) return;
    const isEmpty = this.#members.size === 0 && this.#text.slice(this.#start, this.#at).trim() === '';
    if (char !== closeObject) throw new SyntaxError("not JSON: '}' expected");
    if (!isEmpty) this.#endMember();
    this.#start = this.#at + 1;
    this.#state = 'after';
  }

  #closeList(list: List, char: number): void {
    const { name, entries } = list;
    if (char !== closeArray)
      throw new SyntaxError(`not JSON: ']' expected in $.${name}, entry ${entries.length}`);
    this.#readEntries(list, this.#at);
    this.#list = null;
    this.#keep(name, entries);
    this.#start = this.#at + 1;
    this.#state = 'after member';
  }

  /** Ends a member that is not a list, or the little that may follow one that is. */
  #endMember(): void {
    if (this.#state === 'member') this.#keep(...this.#readMember());
    else this.#refuseText(this.#at);
    this.#start = this.#at + 1;
  }

  /** Reads the member that ends here, once its value is completed. */
  #readMember(rest = ''): [name: string, value: unknown] {
    const read = this.#parse(`{${this.#text.slice(this.#start, this.#at)}${rest}}`) as Record<
      string,
      unknown
    >;
    const member = Object.entries(read)[0];
    if (member === undefined) throw new SyntaxError('not JSON: a member expected');
    return member;
  }

  /** Reads whole entries; a run that goes on begins with its comma. */
  #readEntries({ name, entries }: List, end: number): void {
    const run = this.#text.slice(this.#start, end);
    const goesOn = entries.length > 0;
    const values = this.#parse(
      goesOn ? `[0${run}]` : `[${run}]`,
      `$.${name}, after entry ${entries.length - 1}`,
    );
    for (const value of (values as unknown[]).slice(goesOn ? 1 : 0)) entries.push(value);
    this.#start = end;
  }

  #keep(name: string, value: unknown): void {
    if (this.#members.has(name)) throw new SyntaxError(`not a world: $.${name} stands there twice`);
    this.#members.set(name, value);
  }

  #refuseText(end: number): void {
    const text = this.#text.slice(this.#start, end).trim();
    if (text !== '') throw new SyntaxError(`not JSON: unexpected ${text.slice(0, 20)}`);
  }

  #parse(text: string, where = 'the document'): unknown {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw new SyntaxError(`not JSON in ${where}: ${(error as Error).message}`, { cause: error });
    }
  }
}
