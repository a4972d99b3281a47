const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

// What XML cannot hold, and what it would change on the way, is written as _xHHHH_; so is what only looks like that already.
const escaped = /[&<>"]|[\p{Cc}\uFFFE\uFFFF]|_(?=x[0-9A-Fa-f]{4}_)/gu;

/** A text inside of a spreadsheet's XML, so that programs read it as it is: line feeds and tabs too. */
export function escapeXml(text: string): string {
  return text.replace(escaped, (char) => {
    if (char === '\n' || char === '\t') return char;
    return named[char] ?? `_x${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
  });
}
