// The words that docs/style.md refuses, in everything that users read (help of commands, manual pages, README, guides,
// decisions, reference, changelog, texts of the program) and in comments of the source. A word that is meant in its plain
// sense stands in `meant`, with its sentence.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { sourceTexts } from '../helpers/source-texts.js';

/** What is not said, and what is. */
const refused: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bcan['’]t\b|\bcan not\b/i, 'cannot'],
  [/\bdoors?\b/i, 'listener'],
  [/\bneighbours?\b/i, 'list server, login server, service'],
  [/\bkeepers?\b/i, 'the name of what it does'],
  [/\bfigures\b/i, 'metrics, results'],
  [/\bwhole\b(?! (?:numbers?|seconds|milliseconds|pixels|bytes)\b)/i, 'intact, complete, entire'],
  [/\bsound\b/i, 'intact, valid'],
  [/\bputs? out\b/i, 'disconnected, kicked'],
  [/\b(?:told|tells?|telling)\b/i, 'notify, show, print, report'],
  [/\b(?:takes?|taken|taking|took)(?: \w+){0,2} up\b/i, 'apply, load'],
  [/\bof (?:its|their|your|his|her|our|one's|ones) own\b/i, 'its own …, separate'],
  [/\baffairs? of\b/i, 'responsibility of'],
  [/\bwho said so\b/i, 'where the value comes from'],
  [/\bafter all not\b/i, 'cancel'],
];

/** Sentences in which such a word is the right one. */
const meant: readonly string[] = [
  'its messages cannot be told apart',
  'a session that ends quietly tells nobody a reason',
  'a settings file lists whole addresses, not expressions',
  'give each a port of its own',
  'or give this one data of its own',
  'make a certificate of your own with: dp cert create',
  // an answer of the original API
  "Can't list an unlisted session",
];

interface Text {
  place: string;
  text: string;
}

function* linesOf(file: string): Iterable<Text> {
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    yield { place: `${file}:${index + 1}`, text: line };
  }
}

const markdown = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => path.join(folder, name));

/** docs/style.md names the words to refuse them; docs/spec quotes other programs. */
const pages = ['.', 'docs', 'docs/decisions', 'docs/reference']
  .flatMap(markdown)
  .filter((file) => file !== path.join('docs', 'style.md'));
const manual = readdirSync('man').map((name) => path.join('man', name));

/** Every text of the commands as oclif shows it. */
function* helpTexts(): Iterable<Text> {
  const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as { commands: object };
  const { oclif } = JSON.parse(readFileSync('package.json', 'utf8')) as { oclif: { topics: object } };
  yield* textsIn(commands, 'help');
  yield* textsIn(oclif.topics, 'topics');
}

function* textsIn(value: unknown, place: string): Iterable<Text> {
  if (typeof value === 'string') yield { place, text: value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* textsIn(inner, `${place} ${key}`);
}

function problemsIn(texts: Iterable<Text>, words = refused): string[] {
  const found: string[] = [];
  for (const { place, text } of texts) {
    const rest = meant.reduce((left, sentence) => left.replaceAll(sentence, ''), text);
    for (const [word, instead] of words) {
      const said = word.exec(rest)?.[0];
      if (said !== undefined) found.push(`${place}: not "${said}" but ${instead}: ${text.trim()}`);
    }
  }
  return found;
}

for (const file of [...pages, ...manual]) {
  test(`${file} keeps to the words of docs/style.md`, (t) => {
    t.deepEqual(problemsIn(linesOf(file)), []);
  });
}

/** Comments: these as well, because a newcomer must learn them. */
const refusedInComments: typeof refused = [
  ...refused,
  [/\bcheck sums?\b/i, 'checksum'],
  [/\bstrangers?\b/i, 'users, clients'],
  [/\b(?:affairs?|business)\b/i, 'responsibility of, is in'],
  [/\bhears?\b/i, 'is notified, receives'],
  [/\bbeliev(?:e|es|ed)\b/i, 'trust'],
  [/\bput(?:s|ting)? (?:\w+ ){0,2}out\b/i, 'disconnect, kick'],
  [/\b(?:does|do|is|are|wo|did|has)n['’]t\b/i, 'not'],
];

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => path.join('src', name));

test('comments keep to the words of docs/style.md', (t) => {
  const found = sources.flatMap((file) => [...textsOf(file, 'comment')]);
  t.true(found.length > 4000, String(found.length));
  t.deepEqual(problemsIn(found, refusedInComments), []);
});

test('texts of the program keep to the words of docs/style.md', (t) => {
  const found = sources.flatMap((file) => [...textsOf(file, 'string')]);
  const sentences = found.filter(({ text }) => /[a-z] [a-z]/i.test(text));
  t.true(sentences.some(({ text }) => text.startsWith('Connections are accepted again')));
  t.deepEqual(problemsIn(sentences), []);
});

function* textsOf(file: string, kind: 'comment' | 'string'): Iterable<Text> {
  for (const found of sourceTexts(readFileSync(file, 'utf8'))) {
    if (found.kind === kind) {
      yield {
        place: `${file}:${found.line}`,
        text: found.text.replaceAll(/\s*\n\s*\*? ?/g, ' ').replaceAll(/`[^`]*`/g, ''),
      };
    }
  }
}

test('help keeps to the words of docs/style.md', (t) => {
  const texts = [...helpTexts()];
  t.true(
    texts.some(({ text }) => text === 'Start the server'),
    'the help was read',
  );
  t.deepEqual(problemsIn(texts), []);
});

test('every refused word is noticed, wherever it stands in a sentence', (t) => {
  for (const sentence of [
    "It can't be read.",
    'It can not be read.',
    'three doors',
    'the neighbours of a server',
    'a keeper',
    'the figures of a server',
    'The backup is whole.',
    'all sound',
    'Users were put out.',
    'Users are told.',
    'dp doctor tells more',
    'it takes changes up within a second',
    'a folder of its own',
    'the affair of the command',
    'every setting, and who said so',
    'and after all not',
  ]) {
    t.is(problemsIn([{ place: 'here', text: sentence }]).length, 1, sentence);
  }
  t.deepEqual(problemsIn([{ place: 'here', text: 'A whole number; the neighbouring frame' }]), []);
});

test('summaries, flags and arguments have a capital and no full stop', (t) => {
  const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as {
    commands: Record<
      string,
      Described & { args?: Record<string, Described>; flags?: Record<string, Described> }
    >;
  };
  const wrong: string[] = [];
  for (const [id, { summary, args = {}, flags = {} }] of Object.entries(commands)) {
    const texts = [summary, ...[args, flags].flatMap(Object.values).map(labelOf)];
    for (const text of texts) {
      if (text !== undefined && !/^(?:[A-Z.]|\[).*[^.]$/s.test(text)) wrong.push(`${id}: ${text}`);
    }
  }
  t.deepEqual(wrong, []);
});

test('values of flags are words in capitals, or the words that they can be', (t) => {
  const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as {
    commands: Record<
      string,
      { flags?: Record<string, { type: string; helpValue?: string; options?: string[] }> }
    >;
  };
  const wrong: string[] = [];
  for (const [id, { flags = {} }] of Object.entries(commands)) {
    for (const [name, { type, helpValue, options }] of Object.entries(flags)) {
      if (type !== 'option') continue;
      const isWord = helpValue !== undefined && /^[A-Z#][^<>]*$/.test(helpValue);
      const isChoice = /^[a-z\d|-]+$/.test(helpValue ?? options?.join('|').replaceAll('.', '') ?? '');
      if (!isWord && !isChoice) wrong.push(`${id} --${name}: ${helpValue}`);
    }
  }
  t.deepEqual(wrong, []);
});

interface Described {
  summary?: string;
  description?: string;
}

function labelOf({ summary, description }: Described): string | undefined {
  return summary ?? description;
}
