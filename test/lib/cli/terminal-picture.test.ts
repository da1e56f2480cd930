// Pictures in terminals: which protocol is chosen, and what is printed.

import { PassThrough } from 'node:stream';
import test from 'ava';
import type { Terminal } from '../../../src/lib/cli/terminal.js';
import { pictureProtocolOf, terminalPicture } from '../../../src/lib/cli/terminal-picture.js';
import { blankPicture, flattenOnto, type Picture } from '../../../src/lib/core/picture/picture.js';
import { withPalette } from '../../../src/lib/io/canvas/palette.js';
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

/** What a terminal that speaks sixel shows, opaque; undefined pixels were never painted. */
function sixelPixels(text: string): { width: number; height: number; pixels: (number[] | undefined)[] } {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences
  const body = /^\u001bP0;1q"1;1;(\d+);(\d+)([\x20-\x7e]*)\u001b\\\n$/.exec(text);
  if (!body) throw new Error('not a sixel picture');
  const [width, height] = [Number(body[1]), Number(body[2])];
  const pixels = new Array<number[] | undefined>(width * height).fill(undefined);
  const palette = new Map<number, number[]>();
  let [x, top, colour] = [0, 0, -1];
  const command = /#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|([$-])|([\s\S])/g;
  for (const [, made, red, green, blue, chosen, count, repeated, mark, move, other] of body[3]!.matchAll(
    command,
  )) {
    if (other !== undefined) throw new Error(`no command of sixel: ${other}`);
    if (made !== undefined)
      palette.set(
        Number(made),
        [red, green, blue].map((percent) => Number(percent) * 2.55),
      );
    else if (chosen !== undefined) colour = Number(chosen);
    else if (move !== undefined) {
      x = 0;
      if (move === '-') top += 6;
    } else {
      const bits = (repeated ?? mark)!.charCodeAt(0) - 63;
      for (let left = Number(count ?? 1); left > 0; left--, x++) {
        for (let row = 0; row < 6; row++) {
          if ((bits & (1 << row)) === 0) continue;
          if (x >= width || top + row >= height) throw new Error(`outside: ${x}, ${top + row}`);
          pixels[(top + row) * width + x] = palette.get(colour)!;
        }
      }
    }
  }
  return { width, height, pixels };
}

/** Areas of a few colours, some of them half transparent. */
function patches(width: number, height: number, colours: number): Picture {
  const picture = blankPicture({ width, height });
  const random = new Seeded(width * 1000 + height);
  const known = Array.from({ length: colours }, () => [
    random.below(256),
    random.below(256),
    random.below(256),
  ]);
  for (let at = 0; at < width * height; at++) {
    const x = at % width;
    const y = Math.floor(at / width);
    const alpha = y > height / 2 && x < width / 2 ? 100 : 255;
    const rgb = known[(Math.floor(x / 7) + 3 * Math.floor(y / 5)) % colours]!;
    picture.rgba.set([...rgb, alpha], at * 4);
  }
  return picture;
}

const sizes: readonly [width: number, height: number][] = [
  [1, 1],
  [1, 13],
  [64, 6],
  [97, 100],
  [300, 7],
];

for (const [width, height] of sizes) {
  const picture = patches(width, height, 20);

  test(`a terminal that speaks sixel shows the picture, ${width} × ${height}`, (t) => {
    const opaque = { ...picture, rgba: new Uint8Array(picture.rgba) };
    flattenOnto(opaque, 0xffffff);
    const { palette, indices } = withPalette(opaque, 128);
    const shown = sixelPixels(terminalPicture(picture, 'sixel', terminal({})));
    t.is(shown.width, width);
    t.is(shown.height, height);
    const worst = { ofPalette: 0, ofPicture: 0 };
    for (const [at, colour] of shown.pixels.entries()) {
      if (colour === undefined) {
        t.fail(`pixel ${at} is not painted`);
        return;
      }
      for (let channel = 0; channel < 3; channel++) {
        const value = colour[channel]!;
        worst.ofPalette = Math.max(worst.ofPalette, Math.abs(value - palette[indices[at]!]![channel]!));
        worst.ofPicture = Math.max(worst.ofPicture, Math.abs(value - opaque.rgba[at * 4 + channel]!));
      }
    }
    // percents, and a palette that is built of five to six bits
    t.true(worst.ofPalette <= 1.3, String(worst.ofPalette));
    t.true(worst.ofPicture <= 10, String(worst.ofPicture));
  });

  test(`kitty and iTerm get every pixel, ${width} × ${height}`, (t) => {
    const kitty = terminalPicture(picture, 'kitty', terminal({}));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences
    const data = [...kitty.matchAll(/\u001b_G[^;]*;([^\u001b]*)\u001b\\/g)]
      .map(([, piece]) => piece)
      .join('');
    t.is(kitty.match(/m=0;/g)?.length, 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences
    const iterm = /^\u001b\]1337;File=([^:]*):([^\u0007]*)\u0007\n$/.exec(
      terminalPicture(picture, 'iterm', terminal({})),
    )!;
    t.regex(iterm[1]!, new RegExp(`width=${width}px;height=${height}px$`));
    for (const base64 of [data, iterm[2]!]) {
      const read = readPng(Buffer.from(base64, 'base64'), 'it');
      t.is(read.width, width);
      t.is(read.height, height);
      t.true(Buffer.from(read.rgba).equals(Buffer.from(picture.rgba)));
    }
  });
}

test('a picture larger than the terminal is made smaller before it is sent', (t) => {
  const large = patches(2000, 500, 5);
  const shown = sixelPixels(terminalPicture(large, 'sixel', terminal({}, 40)));
  t.deepEqual([shown.width, shown.height], [380, 95]);
  t.true(shown.pixels.every((colour) => colour !== undefined));
});
