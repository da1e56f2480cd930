// The commands of a terminal that do what a button does. Pure.

/** A word for a POSIX shell: nothing that anybody wrote becomes more than a word. */
export function quoted(word: string): string {
  if (/^[A-Za-z0-9_./:@%+=,-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** `undefined` words are left out. A word that begins with a dash cannot be taken for a flag. */
export function dp(
  command: string,
  words: readonly (string | number | undefined)[],
  flags: Flags = {},
): string {
  const given = words.filter((word) => word !== undefined).map(String);
  const options = Object.entries(flags).flatMap(([name, value]) => {
    if (value === undefined || value === false || value === '') return [];
    return value === true ? [`--${name}`] : [`--${name}=${quoted(String(value))}`];
  });
  const end = given.some((word) => word.startsWith('-')) ? ['--'] : [];
  return ['dp', command, ...options, ...end, ...given.map(quoted)].join(' ');
}

type Flags = Readonly<Record<string, string | number | boolean | undefined>>;
