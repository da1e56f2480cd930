// Code, tests and docs cite the specification by file and section; every citation leads somewhere.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';

const folders = ['docs/spec', 'docs'];
const pages = folders.flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name)),
);

/** Numbers of headings, and of the items of numbered lists beneath them: `14.5` is either. */
function sectionsOf(page: string): Set<string> {
  const sections = new Set<string>();
  let heading = '';
  for (const line of readFileSync(page, 'utf8').split('\n')) {
    const number = /^#+ (\d+(?:\.\d+)*)\.? /.exec(line)?.[1];
    if (number !== undefined) sections.add(number);
    if (line.startsWith('#')) heading = number ?? heading;
    const item = /^(\d+)\. /.exec(line)?.[1];
    if (item !== undefined) sections.add(`${heading}.${item}`);
  }
  return sections;
}

/** By name; a page of the specification and one of the documentation may share theirs. */
const sections = new Map<string, Set<string>>();
for (const page of pages) {
  const name = path.basename(page, '.md');
  sections.set(name, new Set([...(sections.get(name) ?? []), ...sectionsOf(page)]));
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs|md)$/.test(name) && !name.startsWith('vectors'))
    .map((name) => path.join(folder, name));
}

interface Citation {
  file: string;
  page: string;
  section: string;
}

function citationsIn(file: string): Citation[] {
  const text = readFileSync(file, 'utf8');
  // A second section after a comma is of the same page: `http.md §1.2, §1.7`.
  const pattern = /\b([a-z][a-z-]*)(?:\.md)? (§\d+(?:\.\d+)*(?:(?:,| and) §\d+(?:\.\d+)*)*)/g;
  return [...text.matchAll(pattern)].flatMap(([whole, page, list]) => {
    const isPage = whole.includes('.md') || page === 'architecture';
    if (!isPage) return [];
    return [...list!.matchAll(/\d+(?:\.\d+)*/g)].map(([section]) => ({ file, page: page!, section }));
  });
}

const citations = ['src', 'test', 'scripts', 'docs'].flatMap(sources).flatMap(citationsIn);

test('the specification is cited', (t) => {
  t.true(citations.length > 300, String(citations.length));
});

test('every citation leads to a section', (t) => {
  const lost = citations
    .filter(({ page, section }) => !sections.get(page)?.has(section))
    .map(({ file, page, section }) => `${file}: ${page}.md §${section}`);
  t.deepEqual(lost, []);
});

test('every link between pages of the documentation leads to a file', (t) => {
  const broken = ['README.md', ...pages].flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^[a-z]+:/.test(target))
      .filter((target) => !isThere(path.join(path.dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  );
  t.deepEqual(broken, []);
});

function isThere(place: string): boolean {
  try {
    readdirSync(path.dirname(place));
    return readdirSync(path.dirname(place)).includes(path.basename(place));
  } catch {
    return false;
  }
}
