// Somebody without a mouse: goes on with Tab until something of a name has the focus, and presses keys. What has the focus
// must be seen, and the focus must not get lost. The page notes each use of a pointer as a fault.

import type { ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { until } from './until.js';

/** More than there are stops on any screen of the tests. */
const stopsAtMost = 150;

/** What has the focus: its name, what it is, and what is wrong with how it is seen. */
const focused = `(() => {
  const at = document.activeElement;
  const labels = [...(at.labels ?? [])].map(({ textContent }) => textContent);
  const name = [at.getAttribute('aria-label'), ...labels, at.textContent, at.value].filter(Boolean).join(' ');
  const isStop = at.matches('a, button, input, select, textarea, summary, [tabindex="0"]');
  const problems = [];
  if (isStop) {
    const marked = at.closest('.option') ?? at;
    const { outlineStyle, outlineWidth } = getComputedStyle(marked);
    if (outlineStyle === 'none' || outlineWidth === '0px') problems.push('does not show that it has the focus');
    const { left, top, right, bottom, width, height } = at.getBoundingClientRect();
    if (width < 2 || height < 2) problems.push('is ' + width + ' by ' + height + ' pixels');
    const x = Math.min(Math.max((left + right) / 2, 0), innerWidth - 1);
    // of something high, one edge in view is enough
    const ys = [Math.max(top, 0) + 3, (top + bottom) / 2, Math.min(bottom, innerHeight) - 3];
    const isSeen = ys.some((y) => {
      const on = document.elementFromPoint(x, y);
      return on !== null && (at.contains(on) || on.contains(at));
    });
    if (!isSeen) problems.push('is covered, or out of view: ' + [left, top, right, bottom].map(Math.round));
  }
  return { name, isStop, isLost: at === document.body || at === null, problems };
})()`;

interface Focused {
  name: string;
  isStop: boolean;
  isLost: boolean;
  problems: string[];
}

/** For a context, before its first page: what a pointer does is said on the console. */
export const noPointers = "addEventListener('pointerdown', () => console.error('a pointer was used'), true)";
export const pointerUsed = 'a pointer was used';

export interface Keyboard {
  /** Goes on with Tab until something of this name has the focus. */
  to(name: RegExp): Promise<void>;
  /** To it, and presses a key there. */
  press(name: RegExp, key?: string): Promise<void>;
  /** To it, and replaces what is typed there. */
  type(name: RegExp, text: string): Promise<void>;
  /** The focus is somewhere: the next Tab goes on from there. */
  keeps(after: string): Promise<void>;
}

export function keyboardOf(t: ExecutionContext, page: Page): Keyboard {
  const look = () => page.evaluate(focused) as Promise<Focused>;
  const to = async (name: RegExp) => {
    const passed: string[] = [];
    for (let stop = 0; stop < stopsAtMost; stop++) {
      await page.keyboard.press('Tab');
      // an element out of view is scrolled into it
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      const at = await look();
      if (at.isStop) t.deepEqual(at.problems, [], `${at.name.slice(0, 80)}, on the way to ${name}`);
      if (at.isStop && name.test(at.name)) return;
      passed.push(at.name.slice(0, 30));
    }
    t.fail(`${name} cannot be reached with Tab: ${passed.slice(0, 60).join(' | ')}`);
  };
  return {
    to,
    async press(name, key = 'Enter') {
      await to(name);
      await page.keyboard.press(key);
    },
    async type(name, text) {
      await to(name);
      await page.keyboard.press('Control+a');
      await page.keyboard.type(text);
    },
    async keeps(after) {
      await until(`the focus is somewhere after ${after}`, async () => !(await look()).isLost, 5_000).catch(
        () => t.fail(`the focus is lost after ${after}`),
      );
    },
  };
}
