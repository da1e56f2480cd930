// The picture of `dp top`, as a terminal shows it: a small one that knows the few codes that are used.
import { EventEmitter } from 'node:events';
import test from 'ava';
import { openScreen } from '../../../src/lib/cli/screen.js';
import type { Terminal } from '../../../src/lib/cli/terminal.js';

/** Lines of a terminal after everything that was written. */
function shown(written: string): string[] {
  const lines: string[][] = [[]];
  let row = 0;
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals take
  for (const [token] of written.matchAll(/\u001b\[[?0-9]*[A-Za-z]|[\s\S]/g)) {
    const up = /^.\[(\d+)A$/.exec(token);
    if (up) row -= Number(up[1]);
    else if (token === '\u001b[J') {
      lines.length = row + 1;
      lines[row]!.length = Math.min(lines[row]!.length, column);
    } else if (token === '\u001b[H') [row, column] = [0, 0];
    else if (token === '\r') column = 0;
    else if (token === '\n') {
      row += 1;
      column = 0;
      lines[row] ??= [];
    } else if (!token.startsWith('\u001b')) {
      lines[row]![column] = token;
      column += 1;
    }
  }
  return lines.map((line) => line.join(''));
}

function open() {
  const stdout = Object.assign(new EventEmitter(), {
    rows: 10,
    written: '',
    write(text: string) {
      this.written += text;
      return true;
    },
  });
  const stdin = Object.assign(new EventEmitter(), { resume() {}, pause() {} });
  const screen = openScreen({ stdout, stdin, env: {} } as unknown as Terminal);
  return { screen, stdout, stdin };
}

test('a picture takes the place of the one before, longer or shorter', (t) => {
  const { screen, stdout } = open();
  stdout.write('$ dp top\n');
  screen.draw('one\ntwo\nthree');
  screen.draw('first and longer\nx');
  t.deepEqual(shown(stdout.written), ['$ dp top', 'first and longer', 'x']);
  screen.draw('a\nb\nc\nd');
  screen.close();
  t.deepEqual(shown(stdout.written), ['$ dp top', 'a', 'b', 'c', 'd', '']);
});

test('the cursor is hidden while it is open, and there again afterwards', (t) => {
  const { screen, stdout } = open();
  t.true(stdout.written.includes('\u001b[?25l'));
  screen.draw('x');
  t.false(stdout.written.includes('\u001b[?25h'));
  screen.close();
  t.true(stdout.written.endsWith('\u001b[?25h'));
});

test('a terminal of another size begins anew at its top', async (t) => {
  const { screen, stdout } = open();
  stdout.write('before\n');
  screen.draw('one\ntwo');
  const leaves = screen.leavesWithin(60_000);
  stdout.emit('resize');
  t.false(await leaves);
  screen.draw('three');
  screen.close();
  t.deepEqual(shown(stdout.written), ['three', '']);
});

for (const key of ['q', 'Q', '\u0003', '\u0004']) {
  test(`it is left with ${JSON.stringify(key)}`, async (t) => {
    const { screen, stdin } = open();
    const leaves = screen.leavesWithin(60_000);
    stdin.emit('data', Buffer.from(key));
    t.true(await leaves);
    screen.close();
  });
}
