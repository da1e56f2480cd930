// The pages of the documentation, cut into what tests look at: code blocks, code in the text, headings, links.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface Block {
  /** Where it begins, for messages: `docs/public-server.md:12`. */
  place: string;
  /** The words behind the opening fence: language first. */
  words: readonly string[];
  text: string;
}

export interface Page {
  file: string;
  blocks: readonly Block[];
  /** `like this` in the text, outside of blocks. */
  code: readonly { place: string; text: string }[];
  headings: readonly string[];
  /** Targets of links, as written. */
  links: readonly { place: string; target: string }[];
}

/** README first. */
export const pageFiles: readonly string[] = [
  'README.md',
  ...readdirSync('docs')
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => path.join('docs', name)),
];

export function readPage(file: string): Page {
  const blocks: Block[] = [];
  const code: { place: string; text: string }[] = [];
  const headings: string[] = [];
  const links: { place: string; target: string }[] = [];
  let open: { place: string; words: string[]; lines: string[] } | undefined;
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    const place = `${file}:${index + 1}`;
    const fence = /^```(.*)$/.exec(line);
    if (open) {
      if (fence) {
        blocks.push({ place: open.place, words: open.words, text: open.lines.join('\n') });
        open = undefined;
      } else open.lines.push(line);
      continue;
    }
    if (fence) {
      open = { place, words: fence[1]!.trim().split(/\s+/), lines: [] };
      continue;
    }
    const heading = /^#+ (.*)$/.exec(line);
    if (heading) headings.push(heading[1]!);
    for (const [, text] of line.matchAll(/`([^`]+)`/g)) code.push({ place, text: text! });
    for (const [, target] of line.matchAll(/\]\(([^)\s]+)\)/g)) links.push({ place, target: target! });
  }
  if (open) throw new Error(`${open.place}: this block has no end`);
  return { file, blocks, code, headings, links };
}

/** The part of a link behind `#` that leads to a heading. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
