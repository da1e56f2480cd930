// Texts of the app: every language has all of them, with the same values in them.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { de } from '../../src/web/texts/de.js';
import { en } from '../../src/web/texts/en.js';
import { ago, bytes, isolated, language, number, span, tn, visible } from '../../src/web/texts/texts.js';

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
  /^(ago|span|files\.kinds?|files\.notKept|settings\.from|notes\.kind|bans\.kind|bans\.target|me\.role|me\.theme|error|flag|setup\.for|setup\.tls)\./;

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

const minuteMs = 60_000;
const units = { minute: minuteMs, hour: 60 * minuteMs, day: 24 * 60 * minuteMs } as const;

for (const chosen of ['en', 'de'] as const) {
  test.serial(`numbers, sizes and times are written as ${chosen} writes them`, (t) => {
    language.value = chosen;
    const plural = new Intl.PluralRules(chosen);
    for (let n = 0; n < 2100; n++) {
      t.is(number(n), new Intl.NumberFormat(chosen).format(n));
      t.is(n === 1, plural.select(n) === 'one');
    }
    const relative = new Intl.RelativeTimeFormat(chosen, { numeric: 'always' });
    for (const [unit, ms] of Object.entries(units) as [keyof typeof units, number][]) {
      const long = new Intl.NumberFormat(chosen, { style: 'unit', unit, unitDisplay: 'long' });
      for (const n of [1, 2, 5, 23]) {
        t.is(ago(0, n * ms), relative.format(-n, unit));
        t.is(span(n * ms), long.format(n));
      }
    }
    t.is(ago(0, 1000), new Intl.RelativeTimeFormat(chosen, { numeric: 'auto' }).format(0, 'second'));
    for (const [n, unit] of [
      [1, 'byte'],
      [999, 'byte'],
      [1000, 'kilobyte'],
      [1250, 'kilobyte'],
      [999_400, 'kilobyte'],
      [2_000_000, 'megabyte'],
      [77_800_000, 'megabyte'],
      [9_310_000_000, 'gigabyte'],
      [12_345_000_000_000, 'gigabyte'],
    ] as const) {
      const size = { byte: 1, kilobyte: 1e3, megabyte: 1e6, gigabyte: 1e9 }[unit];
      const format = new Intl.NumberFormat(chosen, {
        style: 'unit',
        unit,
        unitDisplay: unit === 'byte' ? 'long' : 'short',
        maximumFractionDigits: n / size < 10 && unit !== 'byte' ? 1 : 0,
      });
      t.is(bytes(n), format.format(n / size).replace('\u00a0', ' '));
    }
  });
}

test.serial(
  'what the first screen writes does without the tables of the browser, which take a phone long',
  (t) => {
    const real = globalThis.Intl;
    t.teardown(() => {
      globalThis.Intl = real;
    });
    globalThis.Intl = {} as typeof Intl;
    language.value = 'en';
    t.is(number(250), '250');
    t.is(bytes(77_800_000), '78 MB');
    t.is(ago(0, 3 * units.hour), '3 hours ago');
    t.is(span(2 * units.day), '2 days');
    t.is(tn('session.people', 250), '250 people');
    t.throws(() => number(1000), undefined, 'which larger numbers need');
  },
);
