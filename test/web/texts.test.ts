// Texts of the app: every language has all of them, with the same values in them.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { de } from '../../src/web/texts/de.js';
import { en } from '../../src/web/texts/en.js';
import { isolated, visible } from '../../src/web/texts/texts.js';

const valuesIn = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test('German has every text that English has, and no other', (t) => {
  t.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
});

test('a text has the same values in every language, and is not empty', (t) => {
  for (const [key, text] of Object.entries(en)) {
    const other = de[key as keyof typeof en];
    t.not(other.trim(), '', key);
    t.deepEqual(valuesIn(other), valuesIn(text), key);
  }
});

/** Made of a beginning and a word that the server says. */
const composed =
  /^(settings\.from|notes\.kind|bans\.kind|bans\.target|me\.role|me\.theme|error|flag|setup\.for|setup\.tls)\./;

test('every text is on some screen', (t) => {
  const root = 'src/web';
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !/texts.(en|de)\.ts$/.test(file))
    .map((file) => readFileSync(path.join(root, file), 'utf8'))
    .join('\n');
  const isUsed = (key: string) =>
    composed.test(key) || sources.includes(`'${key.replace(/\.(one|other)$/, '')}`);
  t.deepEqual(
    Object.keys(en).filter((key) => !isUsed(key)),
    [],
  );
});

test('counted texts have both forms', (t) => {
  const keys = Object.keys(en);
  for (const key of keys.filter((each) => each.endsWith('.one'))) {
    t.true(keys.includes(key.replace(/one$/, 'other')), key);
  }
});

test('a name that is written from right to left turns itself only', (t) => {
  t.is(isolated('Anna'), 'Anna');
  for (const name of ['\u202egnp.exe', 'שלום', 'عربى', '\u2066x'])
    t.regex(isolated(name), /^\u2068[^\u2066-\u2069]*\u2069$/);
});

test('a command and an entry of the log are shown in the order in which they are read', (t) => {
  t.is(visible('dp user show \u202egnp.exe'), 'dp user show ‹U+202E›gnp.exe');
  t.is(visible('dp user show שלום'), 'dp user show שלום');
});
