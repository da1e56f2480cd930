// A real Chromium for the tests of a file: started before them, closed after them. Without the program they are skipped,
// in CI they fail.
import { existsSync } from 'node:fs';
import type { TestFn } from 'ava';
import { type Browser, chromium } from 'playwright-core';

const executablePath = '/usr/bin/chromium';
const isExpected = existsSync(executablePath) || process.env.CI === 'true';

/** `args`: beside those that everybody wants. */
export function launchChromium(args: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      ...args,
    ],
  });
}

/** `run`: for tests that need it; `browser`: once they run. `args`: beside those that every test wants. */
export function withChromium(
  test: TestFn,
  { patience, args = [] }: { patience: number; args?: readonly string[] },
): { run: TestFn | TestFn['skip']; browser: () => Browser } {
  let browser: Browser | undefined;
  test.before(async (t) => {
    t.timeout(patience);
    if (!isExpected) return;
    browser = await launchChromium(args);
  });
  test.after.always(async () => {
    await browser?.close();
  });
  return {
    run: isExpected ? test : test.skip,
    browser() {
      if (!browser) throw new Error('Chromium has not been started');
      return browser;
    },
  };
}
