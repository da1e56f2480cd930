// The texts of the chosen language, and times and numbers as it writes them.

import { signal } from '@preact/signals';
import { de } from './de.js';
import { en, type TextKey, type Texts } from './en.js';

export const languages = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof languages;
const tables: Readonly<Record<Language, Texts>> = { en, de };

export const language = signal<Language>('en');

/** Of the viewer: dates are written as in their country, where it speaks the chosen language. */
let viewerLocales: readonly string[] = [];

export function takeLocalesOf(viewer: { readonly languages: readonly string[] }): void {
  viewerLocales = viewer.languages;
}

/**
 * Formatters of the language that is chosen: to make one takes longer than to format a hundred values, and the first of a page
 * reads the browser's tables, a fifth of a second on a phone. What the first screen writes does without.
 */
const formatters = new Map<string, unknown>();
let formattersOf: Language | undefined;

function formatter<Options, Formatter>(
  Kind: new (locale: string, options?: Options) => Formatter,
  options?: Options,
): Formatter {
  if (formattersOf !== language.value) formatters.clear();
  formattersOf = language.value;
  const key = `${Kind.name} ${JSON.stringify(options)}`;
  const known = formatters.get(key);
  if (known !== undefined) return known as Formatter;
  const made = new Kind(
    viewerLocales.find((tag) => tag.slice(0, 2) === language.value) ?? language.value,
    options,
  );
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
  // English and German have these two
  const form = n === 1 ? 'one' : 'other';
  return t(`${key}.${form}` as TextKey, { ...values, n: number(n) });
}

/** The text of an error code, if the app has one. */
export function errorText(code: string): string | undefined {
  const key = `error.${code}`;
  return key in en ? t(key as TextKey) : undefined;
}

const grouped = 1000;

export function number(n: number): string {
  return Number.isInteger(n) && n >= 0 && n < grouped ? String(n) : formatter(Intl.NumberFormat).format(n);
}

const decimalMark: Readonly<Record<Language, string>> = { en: '.', de: ',' };

export function bytes(n: number): string {
  const units = ['byte', 'kB', 'MB', 'GB'] as const;
  const at = Math.min(units.length - 1, n < 1 ? 0 : Math.floor(Math.log10(n) / 3));
  if (at === 0) return tn('unit.byte', Math.round(n));
  const size = n / 1000 ** at;
  const text =
    size < 10
      ? size.toFixed(1).replace(/\.0$/, '').replace('.', decimalMark[language.value])
      : number(Math.round(size));
  return `${text} ${units[at]}`;
}

const steps = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

const secondsOf = { day: 86_400, hour: 3600, minute: 60 } as const;
/** Units whose texts are in our tables. */
const byHand = ['day', 'hour', 'minute'] as const;

/** Such as "3 minutes ago". */
export function ago(at: number, now: number): string {
  const seconds = (at - now) / 1000;
  const [unit, size] = steps.find(([, size]) => Math.abs(seconds) >= size) ?? [undefined, 1];
  if (unit === undefined) return t('ago.now');
  const n = Math.round(seconds / size);
  const known = byHand.find((each) => each === unit);
  if (n < 0 && known !== undefined) return tn(`ago.${known}`, -n);
  return formatter(Intl.RelativeTimeFormat, { numeric: 'auto' }).format(n, unit);
}

/** Such as "3 hours". */
export function span(ms: number): string {
  const seconds = ms / 1000;
  const unit = byHand.find((each) => seconds >= secondsOf[each]) ?? 'minute';
  return tn(`span.${unit}`, Math.floor(seconds / secondsOf[unit]));
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
