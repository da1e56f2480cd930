// The one way in which text of users (names, titles, messages, paths) is written to a terminal or a log: what
// steers a terminal, turns the direction of what follows, breaks a line or cannot be seen is shown as `\u…`.

/**
 * Control characters (C0, DEL, C1), line and paragraph separators, bidirectional controls, default ignorables such as
 * zero-width characters, annotations, noncharacters and halves of surrogate pairs.
 */
const hidden =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u{fff9}-\u{fffb}]/gu;

/** What emoji are made of: a joiner between two, the form of one. Nothing can be hidden with these. */
const partOfEmoji = {
  '\u200d': {
    before: /\p{Extended_Pictographic}(?:\u{fe0f}|\p{Emoji_Modifier})?$/u,
    after: /^\p{Extended_Pictographic}/u,
  },
  '\ufe0f': { before: /[\p{Extended_Pictographic}#*0-9]$/u, after: /^/u },
} as const;

/** The longest that may stand before a joiner. */
const lookBack = 4;

function isPartOfEmoji(character: string, text: string, at: number): boolean {
  if (character !== '\u200d' && character !== '\ufe0f') return false;
  const { before, after } = partOfEmoji[character];
  const start = Math.max(0, at - lookBack);
  return before.test(text.slice(start, at)) && after.test(text.slice(at + 1, at + 3));
}

/** One line; a tab is a blank. */
export function printable(text: string): string {
  return text.replace(hidden, (character, at: number) => {
    if (character === '\t') return ' ';
    if (isPartOfEmoji(character, text, at)) return character;
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
}

/** The same for text of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours and their end, as our own styles write them
const styles = /(\u001b\[[\d;]*m)/;

/** The same for what has styles of ours in it: of escape sequences nothing but colours passes. */
export function printableStyled(text: string): string {
  return text
    .split(styles)
    .map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
    .join('');
}

/** Found at once: most JSON has nothing but plain ASCII. */
const mayHide = /[^\n\x20-\x7e]/;

/** JSON of the same value, in which what is hidden is escaped. Indented with `indent` blanks, else one line. */
export function printableJson(value: unknown, indent?: number): string {
  return escapeHidden(JSON.stringify(value, null, indent) ?? 'null');
}

/** The same of JSON that is written already. */
export function escapeHidden(text: string): string {
  if (!mayHide.test(text)) return text;
  return text.replace(hidden, (characters, at: number) => {
    // line ends between items; those within texts are escaped already
    if (characters === '\n' || isPartOfEmoji(characters, text, at)) return characters;
    return [...Array(characters.length).keys()]
      .map((index) => `\\u${characters.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join('');
  });
}
