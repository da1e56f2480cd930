// A real Chromium for the tests of a process: started before them, closed after them. Without the program they are skipped,
// in CI they fail.
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import type { TestFn } from 'ava';
import { type Browser, chromium } from 'playwright-core';

const executablePath = '/usr/bin/chromium';
const isExpected = existsSync(executablePath) || process.env.CI === 'true';

/**
 * Names of .example mean this machine: pages of others are served here, and a name can be made to lead here. No other name
 * leads anywhere.
 */
const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
const names = [
  'MAP *.example 127.0.0.1',
  'MAP * ~NOTFOUND',
  'EXCLUDE localhost',
  ...own.filter(({ family }) => family === 'IPv4').map(({ address }) => `EXCLUDE ${address}`),
].join(', ');

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-quic',
      '--disable-sync',
      `--host-resolver-rules=${names}`,
    ],
  });
}

/** One for all test files of a process. */
let running: Promise<Browser> | undefined;
let users = 0;

/** `run`: for tests that need it; `browser`: once they run. */
export function withChromium(
  test: TestFn,
  { patience }: { patience: number },
): { run: TestFn | TestFn['skip']; browser: () => Browser } {
  let browser: Browser | undefined;
  test.before(async (t) => {
    t.timeout(patience);
    if (!isExpected) return;
    users++;
    running ??= launchChromium();
    browser = await running;
  });
  test.after.always(async () => {
    if (isExpected && --users === 0) await browser?.close();
  });
  return {
    run: isExpected ? test : test.skip,
    browser() {
      if (!browser) throw new Error('Chromium has not been started');
      return browser;
    },
  };
}
