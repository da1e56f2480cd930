// The app in a page of Chromium: opened, with everything that must not happen noted; looked at by axe in both themes, and
// kept as pictures where DP_SCREENSHOTS names a folder.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Browser, Page } from 'playwright-core';
import { noPointers, pointerUsed } from './keyboard.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** What is wrong with which elements, and why. */
const told =
  "({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, any }) => [html, ...any.map(({ message }) => message)].join(' ')).join(' | '))";
/** Grids that stretch their rows, with two such around them: each of them doubles the work of a change in the innermost. */
const stretched = `(() => {
  const stretches = (each) => {
    const { display, alignItems } = getComputedStyle(each);
    return display === 'grid' && alignItems === 'normal';
  };
  const around = (each) => (each === null ? 0 : around(each.parentElement) + (stretches(each) ? 1 : 0));
  return [...document.querySelectorAll('*')].filter((each) => stretches(each) && around(each) > 2).map(({ className }) => className);
})()`;
/** Headings, controls and labels of which nothing is seen, because what is around them cuts them off. */
const cutOff = `(() => {
  const found = [];
  for (const each of document.querySelectorAll('h1, h2, h3, a, button, input, select, textarea, label')) {
    const { left, top, right, bottom, width, height } = each.getBoundingClientRect();
    if (width < 2 || height < 2) continue;
    for (let at = each.parentElement; at && at !== document.body; at = at.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(at);
      const box = at.getBoundingClientRect();
      const isOut =
        (overflowY === 'hidden' && (top >= box.bottom - 2 || bottom <= box.top + 2)) ||
        (overflowX === 'hidden' && (left >= box.right - 2 || right <= box.left + 2));
      if (isOut && box.width > 1) found.push(each.outerHTML.slice(0, 200));
    }
  }
  return found;
})()`;
export const phone = { width: 390, height: 844 };
export const desk = { width: 1440, height: 900 };
export type Size = typeof phone;
/** Every screen is looked at in both sizes. */
export const screens = [
  ['phone', phone],
  ['desk', desk],
] as const;
export const themes = ['light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export interface Opened {
  page: Page;
  base: string;
  /** What must not be: errors of scripts, breaches of the policy, requests to others. */
  faults: string[];
  /** In which it is looked at. */
  themes: readonly Theme[];
}

export interface OpenOptions {
  /** The only one in which it is opened and looked at; left out: both are looked at. */
  theme?: Theme;
  /** No pointer may be used. */
  isByKeyboard?: boolean;
  language?: string;
  /** Scripts that run before those of the page. */
  scripts?: readonly string[];
}

/**
 * What was done is said for 5, 10 or 40 seconds (src/web/toasts.tsx), and can be undone as long: here a hundred times longer,
 * because a busy machine is slower than people are.
 */
const patientToasts = `{
  const real = window.setTimeout;
  window.setTimeout = (run, ms, ...args) => real(run, [5_000, 10_000, 40_000].includes(ms) ? ms * 100 : ms, ...args);
}`;

/** `base`: where the app comes from; nothing else may be asked. */
export async function openApp(
  t: ExecutionContext,
  browser: Browser,
  base: string,
  at: string,
  size: Size = desk,
  { theme, isByKeyboard = false, language = 'en-GB', scripts = [] }: OpenOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({
    viewport: size,
    locale: language,
    hasTouch: size === phone,
    reducedMotion: 'reduce',
    ...(theme && { colorScheme: theme }),
  });
  t.teardown(() => context.close());
  for (const script of [patientToasts, ...(isByKeyboard ? [noPointers] : []), ...scripts])
    await context.addInitScript(script);
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    const text = message.text();
    if (/Content Security Policy|Trusted/i.test(text) || text === pointerUsed) faults.push(text);
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(base) && !request.url().startsWith('data:')) faults.push(request.url());
  });
  await page.goto(`${base}${at}`);
  return { page, base, faults, themes: theme ? [theme] : themes };
}

/** What has changed is drawn, and colours that go through others have come to an end. */
async function isAtRest(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
  await page.evaluate('Promise.allSettled(document.getAnimations().map(({ finished }) => finished))');
}

/**
 * A picture and axe, in each theme. They differ in their colours only: the second is looked at for contrast. The page may
 * not be wider than the screen.
 */
export async function examine(t: ExecutionContext, opened: Opened, name: string): Promise<void> {
  const { page } = opened;
  const width = page.viewportSize()!.width;
  for (const theme of opened.themes) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
    if (page.url().includes('/admin/')) await page.waitForSelector(`html[data-theme=${theme}]`);
    await isAtRest(page);
    const folder = process.env.DP_SCREENSHOTS;
    if (folder) await page.screenshot({ path: path.join(folder, `${name}-${width}-${theme}.png`) });
    // once for a page: what it has compiled by then serves the second theme, too
    if (!(await page.evaluate("'axe' in window"))) await page.evaluate(axe);
    const rules = theme === opened.themes[0] ? '' : "{ runOnly: ['color-contrast'] }";
    const look = (): Promise<string[]> => page.evaluate(`axe.run(${rules}).then(${told})`);
    let found = await look();
    if (found.length > 0) {
      // a busy machine draws the other theme in steps: what nobody can see for more than a moment is none
      await isAtRest(page);
      found = await look();
    }
    t.deepEqual(found, [], `${name}, ${theme}`);
  }
  t.deepEqual(await page.evaluate(stretched), [], `grids in grids of ${name}`);
  t.deepEqual(await page.evaluate(cutOff), [], `${name}: cut off`);
  const wide = (await page.evaluate('document.documentElement.scrollWidth')) as number;
  t.true(wide <= width, `${name} is ${wide} pixels wide`);
}

export async function logIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}
