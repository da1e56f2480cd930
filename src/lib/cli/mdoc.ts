// Pages in mdoc, the language of manual pages: their frame, running text, lists and references.

/** Pages carry the day of the release, not that of the build: the same source gives the same pages. */
const pageDate = 'November 22, 2026';

export function variable(names: string, meaning: string): string[] {
  return [`.It Ev ${names}`, ...text(meaning)];
}

export function section(name: string, meaning: string): string[] {
  return [`.It ${roff(name)}`, ...text(meaning)];
}

export function page(title: string, number: number, lines: readonly string[]): string {
  return `${['.\\" Made by "npm run man"; change the source instead.', `.Dd ${pageDate}`, `.Dt ${title} ${number}`, '.Os', ...lines].join('\n')}\n`;
}

export function crossReferences(pages: readonly (readonly [name: string, number: number])[]): string[] {
  const sorted = [...pages].sort(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
  return sorted.map(
    ([name, number], index) => `.${reference(name, number)}${index < sorted.length - 1 ? ' ,' : ''}`,
  );
}

/** Not `.Xr`: mandoc's lint looks it up on the machine and complains of pages that are not installed. */
export function reference(name: string, number: number): string {
  return `Sy ${name} Ns (${number})`;
}

/** Running text: a new line for each sentence, none longer than 78 columns, nothing that roff would obey. */
export function text(plain: string): string[] {
  const sentences = plain.trim().split(/(?<=[.!?:;])\s+(?=[A-Z"('-])/);
  return sentences
    .flatMap((sentence) => wrap(roff(sentence)))
    .map((line) => line.replace(/^([.'])/, '\\&$1'));
}

export function wrap(sentence: string): string[] {
  const lines: string[] = [];
  for (const word of sentence.split(/\s+/).filter((part) => part !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= 78)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** As the argument of a macro, where quotes have a meaning. */
export function argumentOf(plain: string): string {
  return roff(plain).replaceAll('"', '\\(dq');
}

export function roff(plain: string): string {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('--', '\\-\\-')
    .replaceAll('…', '...')
    .replace(/(^|\s)-(?=\w)/g, '$1\\-');
}

/** Summaries and flags have none, as lists want it; running text does. */
export function withDot(phrase: string): string {
  return /[.!?…]$/.test(phrase) || phrase === '' ? phrase : `${phrase}.`;
}

export function withoutDot(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

export function lowerFirst(sentence: string): string {
  return `${sentence[0]?.toLowerCase() ?? ''}${sentence.slice(1)}`;
}
