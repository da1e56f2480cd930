// The texts of the chosen language, and times and numbers as it writes them.

import { signal } from '@preact/signals';
import { de } from './de.js';
import { en, type TextKey, type Texts } from './en.js';

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;
const tables: Readonly<Record<Language, Texts>> = { en, de };

export const language = signal<Language>('en');

/** Formatters of the language that is chosen: to make one takes longer than to format a hundred values. */
const formatters = new Map<string, unknown>();
let formattersOf: Language | undefined;

function formatter<Options, Formatter>(
  Kind: new (language: Language, options?: Options) => Formatter,
  options?: Options,
): Formatter {
  if (formattersOf !== language.value) formatters.clear();
  formattersOf = language.value;
  const key = `${Kind.name} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known !== undefined) return known as Formatter;
  const made = new Kind(language.value, options);
  formatters.set(key, made);
  return made;
}

type Values = Readonly<Record<string, string | number>>;

export function t(key: TextKey, values: Values = {}): string {
  return tables[language.value][key].replace(/\{(\w+)\}/g, (all, name: string) =>
    values[name] === undefined ? all : isolated(String(values[name])),
  );
}

/** Letters that are written from right to left, and characters that change directions. */
const turning = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufeff]/;

/** What somebody else wrote turns itself only, not the sentence around it. */
export function isolated(text: string): string {
  if (!turning.test(text)) return text;
  return `\u2068${text.replace(/[\u2066-\u2069]/g, '')}\u2069`;
}

/** A command, or an entry of the log, in the order in which it is read: characters that change it are shown instead. */
export function visible(text: string): string {
  return text.replace(
    /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (mark) => `‹U+${mark.charCodeAt(0).toString(16).toUpperCase()}›`,
  );
}

/** What others wrote, one after the other. */
export function joined(texts: readonly string[], between = ', '): string {
  return texts
    .filter((text) => text !== '')
    .map(isolated)
    .join(between);
}

type Counted<Key> = Key extends `${infer Name}.one` ? Name : never;

/** A text that depends on a number, which it names `{n}`. */
export function tn(key: Counted<TextKey>, n: number, values: Values = {}): string {
  const form = formatter(Intl.PluralRules).select(n) === 'one' ? 'one' : 'other';
  return t(`${key}.${form}` as TextKey, { ...values, n: number(n) });
}

/** The text of an error code, if the app has one. */
export function errorText(code: string): string | undefined {
  const key = `error.${code}`;
  return key in en ? t(key as TextKey) : undefined;
}

export function number(n: number): string {
  return formatter(Intl.NumberFormat).format(n);
}

export function bytes(n: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const at = Math.min(units.length - 1, n < 1 ? 0 : Math.floor(Math.log10(n) / 3));
  return formatter(Intl.NumberFormat, {
    style: 'unit',
    unit: units[at] ?? 'byte',
    unitDisplay: at === 0 ? 'long' : 'short',
    maximumFractionDigits: n / 1000 ** at < 10 && at > 0 ? 1 : 0,
  }).format(n / 1000 ** at);
}

const steps = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** Such as "3 minutes ago". */
export function ago(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  const format = formatter(Intl.RelativeTimeFormat, { numeric: 'auto' });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.round(seconds / size), unit);
  }
  return format.format(0, 'second');
}

/** Such as "3 hours". */
export function span(ms: number): string {
  const seconds = ms / 1000;
  const [unit, size] = steps.find(
    ([name, size]) => name !== 'month' && name !== 'year' && seconds >= size,
  ) ?? ['minute', 60];
  return formatter(Intl.NumberFormat, { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.floor(seconds / size),
  );
}

export function exact(at: number): string {
  return formatter(Intl.DateTimeFormat, { dateStyle: 'medium', timeStyle: 'medium' }).format(at);
}

/** Names in the order of the language. */
export function compared(one: string, other: string): number {
  return formatter(Intl.Collator).compare(one, other);
}

export function clock(at: number): string {
  return formatter(Intl.DateTimeFormat, { dateStyle: 'short', timeStyle: 'medium' }).format(at);
}
