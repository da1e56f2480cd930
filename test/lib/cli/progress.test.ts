// Progress bars: only where somebody looks, and only for work that takes a while.

import { Writable } from 'node:stream';
import test from 'ava';
import { startProgress } from '../../../src/lib/cli/progress.js';
import { processTerminal, type Terminal } from '../../../src/lib/cli/terminal.js';

function terminal(isTTY: boolean, env: Record<string, string> = {}) {
  const chunks: string[] = [];
  const stderr = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        chunks.push(String(chunk));
        done();
      },
    }),
    { isTTY },
  );
  const fake: Terminal = { ...processTerminal, stderr, env, stdin: process.stdin, stdout: process.stdout };
  return { terminal: fake, text: () => chunks.join('') };
}

const large = 50 * 1024 * 1024;

test('a terminal sees a bar with its share and size', (t) => {
  const { terminal: fake, text } = terminal(true);
  const progress = startProgress(fake, 'converting', large, true);
  progress.update(large / 2);
  progress.stop();
  t.regex(text(), /converting/);
  t.regex(text(), /of 50 MB/);
});

test('pipes, small work, unknown sizes and --json see none', (t) => {
  for (const [isTTY, total, isWanted, env] of [
    [false, large, true, {}],
    [true, 1000, true, {}],
    [true, undefined, true, {}],
    [true, large, false, {}],
    [true, large, true, { TERM: 'dumb' }],
  ] as const) {
    const { terminal: fake, text } = terminal(isTTY, env);
    const progress = startProgress(fake, 'converting', total, isWanted);
    progress.update(10);
    progress.stop();
    t.is(text(), '');
  }
});
