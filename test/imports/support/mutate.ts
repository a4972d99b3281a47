import { pack, unpack } from './workbook.ts';

/** Chance that can be repeated: the same seed gives the same numbers. */
export function chanceOf(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What programs, people and enemies may leave in a part. */
const tokens = [
  '<f>1+1</f>',
  ' hidden="1"',
  ' t="s"',
  ' t="n"',
  ' t="e"',
  ' r="A3"',
  ' r="XFD1048576"',
  '<v>3</v>',
  '<v>99999999</v>',
  '<v>-1</v>',
  '<c r="B4" t="inlineStr"><is><t>x</t></is></c>',
  '<row r="4"><c r="A4" t="inlineStr"><is><t>bob@example.org</t></is></c></row>',
  '<mergeCells><mergeCell ref="A2:B3"/></mergeCells>',
  '<!-- -->',
  '<![CDATA[x]]>',
  '<!DOCTYPE a>',
  '&amp;',
  '&#0;',
  '&lol;',
  '\u0000',
  '\ufffe',
  '#REF!',
  '</sheetData>',
  '<sheetData>',
  '"',
  '>',
  '<',
];

/** A file that is like another one, but for something. */
export function mutated(file: Buffer, seed: number): Buffer {
  const chance = chanceOf(seed);
  return chance(4) === 0 ? mutatedBytes(file, chance) : mutatedParts(file, chance);
}

function mutatedBytes(file: Buffer, chance: (below: number) => number): Buffer {
  const bytes = Buffer.from(file);
  for (let left = 1 + chance(4); left > 0; left--) bytes[chance(bytes.length)] = chance(256);
  const [from, length] = [chance(bytes.length), chance(200)];
  switch (chance(4)) {
    case 0:
      return bytes.subarray(0, from);
    case 1:
      return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, from + length), bytes.subarray(from)]);
    default:
      return bytes;
  }
}

function mutatedParts(file: Buffer, chance: (below: number) => number): Buffer {
  const parts = unpack(file);
  const paths = Object.keys(parts);
  for (let left = 1 + chance(3); left > 0; left--) {
    const path = paths[chance(paths.length)] ?? '';
    parts[path] = mutatedText(parts[path] ?? '', chance);
  }
  const gone = paths[chance(paths.length * 8)];
  return pack(Object.fromEntries(Object.entries(parts).filter(([path]) => path !== gone)));
}

function mutatedText(text: string, chance: (below: number) => number): string {
  const at = chance(text.length + 1);
  const length = chance(30);
  const token = tokens[chance(tokens.length)] ?? '';
  switch (chance(6)) {
    case 0:
      return text.slice(0, at) + text.slice(at + length);
    case 1:
      return text.slice(0, at) + text.slice(at, at + length) + text.slice(at);
    case 2:
      return text.slice(0, at) + String.fromCharCode(32 + chance(96)) + text.slice(at + 1);
    case 3:
      return text.slice(0, at) + token + text.slice(at);
    case 4:
      // Between two elements, where a token is more likely to mean something.
      return text.replace(/></g, (found) => (chance(20) === 0 ? `>${token}<` : found));
    default:
      return text.replaceAll(/\d+/g, (digits) => (chance(30) === 0 ? String(chance(200)) : digits));
  }
}
