// A small picture in a terminal: by the graphics protocol that it is known for, else two pixels per letter in colour.
// What a terminal supports is read from its environment only; asking it would need its answer on standard input.

import type { Buffer } from 'node:buffer';
import { flattenOnto, type Picture } from '../core/picture/picture.js';
import { fittedSize, scaled } from '../core/picture/scale.js';
import { withPalette } from '../io/canvas/palette.js';
import { encodePng } from '../io/canvas/png.js';
import { hasColor, type Terminal, widthOf } from './terminal.js';

export const pictureProtocols = ['kitty', 'iterm', 'sixel', 'blocks'] as const;
export type PictureProtocol = (typeof pictureProtocols)[number];

/** Undefined: nobody looks, or colours are not wanted. */
export function pictureProtocolOf(terminal: Terminal): PictureProtocol | undefined {
  if (widthOf(terminal) === undefined || !hasColor(terminal)) return undefined;
  const { TERM = '', TERM_PROGRAM = '', LC_TERMINAL, KITTY_WINDOW_ID, TMUX, STY } = terminal.env;
  // what runs within them would swallow the pictures
  if (TMUX || STY || /^(screen|tmux)/.test(TERM)) return 'blocks';
  if (KITTY_WINDOW_ID || /kitty|ghostty/.test(TERM) || TERM_PROGRAM === 'ghostty') return 'kitty';
  if (/^(iTerm\.app|WezTerm|mintty|vscode)$/.test(TERM_PROGRAM) || LC_TERMINAL === 'iTerm2') return 'iterm';
  if (/sixel|^foot|^mlterm|^yaft|^contour/.test(TERM)) return 'sixel';
  return 'blocks';
}

/** Columns and rows of letters that it fills at most. */
const most = { columns: 60, rows: 18 };
/** About what a letter takes, in pixels: terminals differ. */
const letter = { width: 10, height: 20 };
const paper = 0xffffff;

/** The bytes to print, with a line break at the end. */
export function terminalPicture(picture: Picture, protocol: PictureProtocol, terminal: Terminal): string {
  const columns = Math.min(most.columns, (widthOf(terminal) ?? 80) - 2);
  if (protocol === 'blocks') {
    const small = scaled(picture, fittedSize(picture, { width: columns, height: most.rows * 2 }));
    return halfBlocks(onPaper(small), /truecolor|24bit/.test(terminal.env.COLORTERM ?? ''));
  }
  const box = fittedSize(picture, { width: columns * letter.width, height: most.rows * letter.height });
  const shown = scaled(picture, picture.width <= box.width ? picture : box);
  if (protocol === 'sixel') return `${sixel(onPaper(shown))}\n`;
  const png = encodePng(shown);
  return protocol === 'kitty' ? `${kitty(png)}\n` : `${iterm(png, shown)}\n`;
}

function onPaper(picture: Picture): Picture {
  const opaque = { ...picture, rgba: new Uint8Array(picture.rgba) };
  flattenOnto(opaque, paper);
  return opaque;
}

/** The upper pixel is the colour of the letter ▀, the lower one that behind it. */
function halfBlocks({ width, height, rgba }: Picture, isTrueColour: boolean): string {
  const colourAt = (x: number, y: number): string => {
    const at = (y * width + x) * 4;
    const [red, green, blue] = [rgba[at]!, rgba[at + 1]!, rgba[at + 2]!];
    return isTrueColour ? `2;${red};${green};${blue}` : `5;${colourOf256(red, green, blue)}`;
  };
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = '';
    let last = '';
    for (let x = 0; x < width; x++) {
      const lower = y + 1 < height ? `48;${colourAt(x, y + 1)}` : '49';
      const style = `\u001b[38;${colourAt(x, y)};${lower}m`;
      line += style === last ? '▀' : `${style}▀`;
      last = style;
    }
    lines.push(`${line}\u001b[0m`);
  }
  return `${lines.join('\n')}\n`;
}

/** The 6 × 6 × 6 cube and the greys of 256-colour terminals. */
function colourOf256(red: number, green: number, blue: number): number {
  const isGrey = Math.max(red, green, blue) - Math.min(red, green, blue) < 12;
  if (isGrey && red > 8 && red < 248) return 232 + Math.min(23, Math.round((red - 8) / 10));
  const step = (value: number): number => (value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40));
  return 16 + 36 * step(red) + 6 * step(green) + step(blue);
}

/** Pieces of at most 4096 letters of base64. */
function kitty(png: Buffer): string {
  const text = png.toString('base64');
  const pieces = text.match(/.{1,4096}/g) ?? [];
  return pieces
    .map((piece, index) => {
      const more = index + 1 < pieces.length ? 1 : 0;
      return `\u001b_G${index === 0 ? 'f=100,a=T,q=2,' : ''}m=${more};${piece}\u001b\\`;
    })
    .join('');
}

function iterm(png: Buffer, { width, height }: Picture): string {
  const about = `inline=1;size=${png.length};width=${width}px;height=${height}px`;
  return `\u001b]1337;File=${about}:${png.toString('base64')}\u0007`;
}

const sixelColours = 128;
const bandRows = 6;

/** Bands of six rows; in each, every colour that occurs has its own line, one over the other. */
function sixel(picture: Picture): string {
  const { width, height } = picture;
  const { palette, indices } = withPalette(picture, sixelColours);
  const percent = (value: number): number => Math.round((value * 100) / 255);
  let out = `\u001bP0;1q"1;1;${width};${height}`;
  for (const [index, colour] of palette.entries()) out += `#${index};2;${colour.map(percent).join(';')}`;
  for (let top = 0; top < height; top += bandRows) {
    const rows = Math.min(bandRows, height - top);
    const lines = new Map<number, Uint8Array>();
    for (let row = 0; row < rows; row++) {
      for (let x = 0; x < width; x++) {
        const colour = indices[(top + row) * width + x]!;
        const line = lines.get(colour) ?? new Uint8Array(width);
        line[x] = line[x]! | (1 << row);
        lines.set(colour, line);
      }
    }
    out += [...lines].map(([colour, line]) => `#${colour}${runs(line)}`).join('$');
    out += '-';
  }
  return `${out}\u001b\\`;
}

/** Repeats are shortened to !COUNT LETTER. */
function runs(line: Uint8Array): string {
  let out = '';
  for (let x = 0; x < line.length; ) {
    let end = x + 1;
    while (end < line.length && line[end] === line[x]) end++;
    const mark = String.fromCharCode(63 + line[x]!);
    out += end - x > 3 ? `!${end - x}${mark}` : mark.repeat(end - x);
    x = end;
  }
  return out;
}
