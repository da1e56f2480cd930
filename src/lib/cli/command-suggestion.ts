// Suggests a command for one that does not exist: the nearest name to a mistyped or shortened command or topic.

import { closest } from '../core/settings/closest.js';

export interface Suggestion {
  /** Words of a command or topic, e.g. `session list`. */
  name: string;
  /** How many of the typed words it takes the place of. */
  count: number;
}

/** The nearest of `known` (words separated by blanks), undefined: nothing is near. */
export function suggestCommand(typed: readonly string[], known: Iterable<string>): Suggestion | undefined {
  const names = [...known];
  // What follows a mistyped command arrives as its arguments: try with fewer and fewer words.
  for (let count = typed.length; count > 0; count--) {
    const words = typed.slice(0, count);
    const name = byWords(words, names) ?? closest(words.join(' '), names);
    if (name !== undefined) return { name, count };
  }
  return undefined;
}

/** Word by word: the word itself, the only one that begins with it, or the nearest one. */
function byWords(typed: readonly string[], names: readonly string[]): string | undefined {
  let found = '';
  for (const word of typed) {
    const before = found === '' ? '' : `${found} `;
    const next = new Set(
      names
        .filter((name) => name.startsWith(before))
        .map((name) => name.slice(before.length).replace(/ .*/s, '')),
    );
    const beginning = [...next].filter((each) => each.startsWith(word.toLowerCase()));
    const meant = next.has(word) ? word : beginning.length === 1 ? beginning[0] : closest(word, next);
    if (meant === undefined) return undefined;
    found = `${before}${meant}`;
  }
  return names.includes(found) ? found : undefined;
}
