// The one list of conversations, and parts of them, that are not replayed, each with the part of the project that is missing for it.

/** Parts that are there. */
const built: ReadonlySet<string> = new Set(['part1', 'part2', 'part3', 'part4', 'part5', 'part6']);

/** Single conversations whose part is there but something else is missing. */
const missing: Readonly<Record<string, string>> = {};

/** Line ranges that are left out of conversations which are replayed otherwise. */
const lines: Readonly<Record<string, ReadonlyArray<readonly [from: number, to: number, why: string]>>> = {
  'session/18-edge-cases': [[633, 671, 'part5: the REST API']],
};

/** The ranges of a conversation that are neither sent nor expected. */
export function missingLines(file: string): ReadonlyArray<readonly [number, number]> {
  return (lines[file] ?? []).map(([from, to]) => [from, to] as const);
}

/** What is missing for a conversation; undefined: nothing. */
export function missingFor(file: string, needs: readonly string[]): string | undefined {
  return missing[file] ?? needs.find((part) => !built.has(part));
}
