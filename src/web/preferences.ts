// What this device likes: colours and language. Kept in the browser, if it lets us.

import { effect, signal } from '@preact/signals';
import { type Language, language, languages, takeLocalesOf } from './texts/texts.js';

export type Theme = 'auto' | 'light' | 'dark';
export const theme = signal<Theme>('auto');

export function readPreferences(): void {
  takeLocalesOf(navigator);
  const stored = read('dp-theme');
  if (stored === 'light' || stored === 'dark') theme.value = stored;
  const wanted = [read('dp-language'), ...navigator.languages.map((tag) => tag.slice(0, 2))];
  const known = wanted.find((tag): tag is Language => tag !== null && Object.hasOwn(languages, tag));
  if (known) language.value = known;
  const isDark = matchMedia('(prefers-color-scheme: dark)');
  const show = () => {
    const chosen = theme.value === 'auto' ? (isDark.matches ? 'dark' : 'light') : theme.value;
    document.documentElement.dataset.theme = chosen;
  };
  isDark.addEventListener('change', show);
  effect(show);
  effect(() => {
    document.documentElement.lang = language.value;
  });
}

export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  write('dp-theme', chosen);
}

export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  write('dp-language', chosen);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // for this page alone, then
  }
}
