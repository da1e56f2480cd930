// Where a JSON text stops being JSON. JSON.parse only reports that in prose, which differs between versions of Node.

/** Index of the first character that cannot be there; the text's length when it ends too early; -1: it is JSON. */
export function jsonErrorAt(text: string): number {
  let at = 0;
  const blanks = (): void => {
    while (at < text.length && ' \t\r\n'.includes(text[at] as string)) at++;
  };
  // Each returns whether it got through; on false `at` is the place.
  const match = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found !== null;
  };
  const string = (): boolean => {
    at++; // the quote
    while (at < text.length) {
      const character = text[at] as string;
      if (character === '"') {
        at++;
        return true;
      }
      if (character < ' ') return false;
      if (character !== '\\') at++;
      else if (/["\\/bfnrt]/.test(text[at + 1] ?? '')) at += 2;
      else if (/^u[\da-f]{4}/i.test(text.slice(at + 1, at + 6))) at += 6;
      else return false;
    }
    return false;
  };

  // A stack of what is open, not a call per level: nesting may be as deep as the line is long.
  const open: ('{' | '[')[] = [];
  let wantsValue = true;
  blanks();
  while (true) {
    if (wantsValue) {
      const start = text[at];
      if (start === '{' || start === '[') {
        at++;
        blanks();
        if (text[at] === (start === '{' ? '}' : ']')) at++;
        else {
          open.push(start);
          if (start === '{' && !key()) return at;
          continue;
        }
      } else if (start === '"') {
        if (!string()) return at;
      } else if (!match(/true|false|null|-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y)) {
        return at;
      }
      wantsValue = false;
    }
    blanks();
    const inside = open.at(-1);
    if (inside === undefined) return at === text.length ? -1 : at;
    if (text[at] === ',') {
      at++;
      blanks();
      if (inside === '{' && !key()) return at;
      wantsValue = true;
    } else if (text[at] === (inside === '{' ? '}' : ']')) {
      at++;
      open.pop();
    } else {
      return at;
    }
  }

  function key(): boolean {
    if (text[at] !== '"' || !string()) return false;
    blanks();
    if (text[at] !== ':') return false;
    at++;
    blanks();
    return true;
  }
}
