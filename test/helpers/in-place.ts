// Whether texts of others stay texts, and stay where they are.

import type { ExecutionContext } from 'ava';
import type { Page } from 'playwright-core';
import { lacks } from './shown.js';

/**
 * Texts that turn the direction of what follows them, and stand in one line with texts of others without being set apart.
 * What stands alone in its block ends there.
 */
const turned = `(() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!/[\\u202a-\\u202e]/.test(node.data)) continue;
    // between an isolate and its end
    const rest = node.data.replace(/\\u2068[^\\u2068\\u2069]*\\u2069/g, '');
    if (!/[\\u202a-\\u202e]/.test(rest)) continue;
    // a text of the app with theirs in it, not theirs alone
    if (!/^\\s*(<script>|<img|\\u202e|What is)/.test(rest)) {
      found.push(node.data);
      continue;
    }
    let at = node.parentElement;
    let isApart = false;
    for (; at; at = at.parentElement) {
      const { display, unicodeBidi } = getComputedStyle(at);
      // what follows it in there would be turned
      if (/isolate|plaintext/.test(unicodeBidi)) isApart = at.textContent.trim().endsWith(node.data.trim());
      if (/isolate|plaintext/.test(unicodeBidi) || !display.startsWith('inline') || display.startsWith('inline-')) break;
    }
    if (!isApart && at && at.textContent.trim() !== node.data.trim()) found.push(at.outerHTML.slice(0, 300));
  }
  return found;
})()`;

/** Of a page with hostile texts on it: they turn only themselves, and have become no elements. */
export async function inPlace(t: ExecutionContext, page: Page, name: string): Promise<void> {
  t.deepEqual(await page.evaluate(turned), [], name);
  const foreign = page.locator('b, i, main img[src*=evil], main script, dialog script');
  await lacks(t, foreign, page.locator('main h1'), name);
}
