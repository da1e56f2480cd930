// What a shell can offer at each place of a command line, made from the commands themselves. The scripts for the shells
// are written from this (bash.ts, fish.ts, zsh.ts).

import type { CommandFacts } from '../manual.js';

export interface OfferedWord {
  word: string;
  text: string;
}

export interface OfferedFlag {
  name: string;
  char: string | undefined;
  text: string;
  /** `nothing`: the flag takes no value; `any`: what it takes cannot be offered. */
  value: { kind: 'nothing' | 'any' | 'path' } | { kind: 'choice'; options: readonly string[] };
}

/** Words that lead here, with blanks between; '' at the beginning. */
export interface Place {
  words: string;
  next: readonly OfferedWord[];
  flags: readonly OfferedFlag[];
}

/** Topics are what the first words of commands stand for. */
export type Topics = readonly { name: string; description?: string | undefined }[];

/** `bin`: what the program is called in texts. */
export function completionPlaces(
  bin: string,
  commands: readonly CommandFacts[],
  topics: Topics,
): readonly Place[] {
  const shownText = (text: string) => text.replaceAll('<%= config.bin %>', bin);
  const shown = commands.filter(({ hidden }) => hidden !== true);
  const places = new Map<string, { next: Map<string, string>; flags: readonly OfferedFlag[] }>();
  const at = (words: string) => {
    const found = places.get(words) ?? { next: new Map<string, string>(), flags: [] };
    places.set(words, found);
    return found;
  };
  for (const { id, flags } of shown) {
    const words = id.split(':');
    for (const [index, word] of words.entries()) {
      const name = words.slice(0, index + 1).join(':');
      at(words.slice(0, index).join(' ')).next.set(word, shownText(describe(name, shown, topics)));
    }
    at(words.join(' ')).flags = Object.values(flags)
      .filter(({ hidden }) => hidden !== true)
      .map((flag) => ({
        name: flag.name,
        char: flag.char,
        text: shownText(flag.summary ?? flag.description ?? ''),
        value: takenBy(flag),
      }));
  }
  return [...places].map(([words, { next, flags }]) => ({
    words,
    next: [...next].map(([word, text]) => ({ word, text })),
    flags,
  }));
}

function describe(name: string, commands: readonly CommandFacts[], topics: Topics): string {
  const command = commands.find(({ id }) => id === name);
  const topic = topics.find((other) => other.name === name);
  return command?.summary ?? command?.description?.split('\n', 1)[0] ?? topic?.description ?? '';
}

function takenBy(flag: CommandFacts['flags'][string]): OfferedFlag['value'] {
  if (flag.type !== 'option') return { kind: 'nothing' };
  if (flag.options !== undefined) return { kind: 'choice', options: flag.options };
  return { kind: /FILE|FOLDER|PATH|PATTERN/.test(String(flag.helpValue ?? '')) ? 'path' : 'any' };
}

/** In single quotes, for bash and zsh; nothing in them means anything. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
