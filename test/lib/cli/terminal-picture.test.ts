// Pictures in terminals: which protocol is chosen, and what is printed.

import { PassThrough } from 'node:stream';
import test from 'ava';
import type { Terminal } from '../../../src/lib/cli/terminal.js';
import { pictureProtocolOf, terminalPicture } from '../../../src/lib/cli/terminal-picture.js';
import { blankPicture, type Picture } from '../../../src/lib/core/picture/picture.js';
import { readPng } from '../../../src/lib/io/canvas/png-read.js';
import { Seeded } from '../../helpers/seeded.js';

function terminal(env: Record<string, string>, columns: number | undefined = 80): Terminal {
  const stream = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns });
  return { stdin: new PassThrough(), stdout: stream, stderr: stream, env, now: () => 0, endWith: () => {} };
}

function halves(): Picture {
  const picture = blankPicture({ width: 4, height: 4 });
  for (let at = 0; at < picture.rgba.length; at += 4) {
    picture.rgba.set(at < 32 ? [255, 0, 0, 255] : [0, 0, 255, 255], at);
  }
  return picture;
}

/** Control characters that expressions can look for. */
const visible = (text: string): string => text.replaceAll('\u001b', '␛').replaceAll('\u0007', '␇');

test('the protocol is the one that the terminal is known for', (t) => {
  const of = (env: Record<string, string>) => pictureProtocolOf(terminal(env));
  t.is(of({ TERM: 'xterm-256color' }), 'blocks');
  t.is(of({ TERM: 'xterm-kitty' }), 'kitty');
  t.is(of({ TERM: 'xterm-256color', KITTY_WINDOW_ID: '1' }), 'kitty');
  t.is(of({ TERM: 'xterm-ghostty' }), 'kitty');
  t.is(of({ TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app' }), 'iterm');
  t.is(of({ TERM: 'xterm-256color', TERM_PROGRAM: 'WezTerm' }), 'iterm');
  t.is(of({ TERM: 'foot' }), 'sixel');
  t.is(of({ TERM: 'xterm-sixel' }), 'sixel');
});

test('within tmux and screen there are only letters', (t) => {
  t.is(pictureProtocolOf(terminal({ TERM: 'tmux-256color', KITTY_WINDOW_ID: '1' })), 'blocks');
  t.is(pictureProtocolOf(terminal({ TERM: 'xterm-kitty', TMUX: '/tmp/x' })), 'blocks');
  t.is(pictureProtocolOf(terminal({ TERM: 'screen' })), 'blocks');
});

test('there is none for a pipe, a dumb terminal, or without colours', (t) => {
  t.is(pictureProtocolOf({ ...terminal({ TERM: 'xterm-kitty' }), stdout: new PassThrough() }), undefined);
  t.is(pictureProtocolOf(terminal({ TERM: 'dumb' })), undefined);
  t.is(pictureProtocolOf(terminal({ TERM: 'xterm', NO_COLOR: '1' })), undefined);
});

test('half blocks show two pixels per letter', (t) => {
  const shown = terminalPicture(halves(), 'blocks', terminal({ COLORTERM: 'truecolor' }, 6));
  const lines = shown.trimEnd().split('\n');
  t.is(lines.length, 2);
  t.is(lines[0], '\u001b[38;2;255;0;0;48;2;255;0;0m▀▀▀▀\u001b[0m');
  t.is(lines[1], '\u001b[38;2;0;0;255;48;2;0;0;255m▀▀▀▀\u001b[0m');
  t.regex(terminalPicture(halves(), 'blocks', terminal({}, 6)), /38;5;196;48;5;196m/);
});

test('a picture is never wider than the terminal', (t) => {
  const wide = blankPicture({ width: 1000, height: 10 });
  const shown = terminalPicture(wide, 'blocks', terminal({}, 30));
  for (const line of visible(shown)
    .trimEnd()
    .replace(/␛\[[\d;]*m/g, '')
    .split('\n'))
    t.true(line.length <= 28);
});

test('kitty gets a PNG in pieces', (t) => {
  const noisy = blankPicture({ width: 200, height: 200 });
  const random = new Seeded(1);
  for (let at = 0; at < noisy.rgba.length; at++) noisy.rgba[at] = random.below(256);
  const shown = terminalPicture(noisy, 'kitty', terminal({}));
  const pieces = [...visible(shown).matchAll(/␛_G([^;]*);([^␛]*)␛\\/g)];
  t.true(pieces.length > 1);
  t.is(pieces[0]![1], 'f=100,a=T,q=2,m=1');
  t.is(pieces.at(-1)![1], 'm=0');
  const png = Buffer.from(pieces.map(([, , data]) => data).join(''), 'base64');
  t.like(readPng(png, 'it'), { width: 200, height: 200 });
});

test('iTerm gets a PNG with its size', (t) => {
  const shown = terminalPicture(halves(), 'iterm', terminal({}));
  const [, size, data] = /^␛\]1337;File=inline=1;size=(\d+);width=4px;height=4px:([^␇]+)␇\n$/.exec(
    visible(shown),
  )!;
  const png = Buffer.from(data!, 'base64');
  t.is(png.length, Number(size));
  t.deepEqual([...readPng(png, 'it').rgba.subarray(0, 4)], [255, 0, 0, 255]);
});

test('sixel has a palette and bands of six rows', (t) => {
  const shown = terminalPicture(halves(), 'sixel', terminal({}));
  t.true(shown.startsWith('\u001bP0;1q"1;1;4;4'));
  t.true(shown.endsWith('-\u001b\\\n'));
  t.regex(shown, /#\d+;2;100;0;0/);
  // rows 0 and 1 are bits 1 and 2, rows 2 and 3 bits 4 and 8; four columns at once
  t.regex(shown, /!4B/);
  t.regex(shown, /!4K/);
});
