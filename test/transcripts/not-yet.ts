// The one list of conversations that are not replayed, each with the part of the project that is missing for it.

/** Parts that are there. */
const built: ReadonlySet<string> = new Set(['part1', 'part2', 'part3', 'part4', 'part5', 'part6']);

/** Single conversations whose part is there but something else is missing. */
const missing: Readonly<Record<string, string>> = {};

/** What is missing for a conversation; undefined: nothing. */
export function missingFor(file: string, needs: readonly string[]): string | undefined {
  return missing[file] ?? needs.find((part) => !built.has(part));
}
