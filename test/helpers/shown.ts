// What a page comes to show. It is drawn again some time after a click or an answer: to read it once is to read what was
// there before, on a machine that is busy. Tests of pages read it here only (test/architecture.test.ts).

import type { ExecutionContext } from 'ava';
import type { Locator, Page } from 'playwright-core';
import { until } from './until.js';

/** What can be read of an element, or of all that a locator finds. */
const readings = {
  count: (at: Locator) => at.count(),
  text: (at: Locator) => at.textContent(),
  value: (at: Locator) => at.inputValue(),
  isDisabled: (at: Locator) => at.isDisabled(),
  isChecked: (at: Locator) => at.isChecked(),
} as const;

type Reading = keyof typeof readings;
type Read<R extends Reading> = NonNullable<Awaited<ReturnType<(typeof readings)[R]>>>;
export type Shown = { readonly [R in Reading]?: Read<R> | ((seen: Read<R>) => boolean) };

/** Waits until all of it is so. Fails with what is seen instead. */
export async function shows(t: ExecutionContext, at: Locator, shown: Shown, message?: string): Promise<void> {
  const expected = Object.entries(shown) as [Reading, unknown][];
  for (const [reading, wanted] of expected) {
    let seen: unknown;
    const isSo = async () => {
      seen = await readings[reading](at);
      return typeof wanted === 'function' ? (wanted(seen) as boolean) : seen === wanted;
    };
    await until(`${at} has the ${reading}`, isSo).catch(() => {});
    if (typeof wanted === 'function') t.true(wanted(seen), `${message ?? at}: ${reading} is ${seen}`);
    else t.is(seen, wanted, message ?? `${reading} of ${at}`);
  }
}

/** `beside`: what stands on the page once it would stand there as well; without it, nothing may have been drawn yet. */
export async function lacks(
  t: ExecutionContext,
  at: Locator,
  beside: Locator,
  message?: string,
): Promise<void> {
  await beside.first().waitFor();
  await shows(t, at, { count: 0 }, message);
}

/** The title of the page, once it is that. */
export async function isTitled(t: ExecutionContext, page: Page, title: string): Promise<void> {
  await until(`the title ${title}`, async () => (await page.title()) === title).catch(() => {});
  t.is(await page.title(), title);
}

/** Its address, once it is that. */
export async function isAt(t: ExecutionContext, page: Page, url: string, message?: string): Promise<void> {
  await until(`the address ${url}`, () => page.url() === url).catch(() => {});
  t.is(page.url(), url, message);
}
