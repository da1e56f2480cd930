// Annotations over a picture, as clients show them as far as that goes: background, and text in a bitmap font with the
// size, colour and alignment that the text begins with. Clients use the fonts of their machine.

import { drawText, lineHeight, textSize, wrapText } from '../../core/picture/font.js';
import { blankPicture, blendPixel, type Picture, paintOver } from '../../core/picture/picture.js';

export interface AnnotationContent {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** 0xAARRGGBB */
  readonly background: number;
  readonly alignment: 'top' | 'center' | 'bottom';
  readonly text: Uint8Array;
}

/** Nobody reads a larger one; 65535 × 65535 can be declared. */
const mostPixels = 16 * 1024 * 1024;
const black = 0xff000000;
/** Pixels of a letter's height at scale 1, capitals with their room. */
const letterPixels = 10;

/** Draws those that reach into the strip of the canvas whose top row is `top`. */
export function paintAnnotations(
  strip: Picture,
  left: number,
  top: number,
  annotations: readonly AnnotationContent[],
): void {
  for (const annotation of annotations) {
    const { x, y, width, height } = annotation;
    const isSeen = y < top + strip.height && y + height > top && x < left + strip.width && x + width > left;
    if (!isSeen || width * height === 0 || width * height > mostPixels) continue;
    paintOver(strip, annotationPicture(annotation), x - left, y - top);
  }
}

function annotationPicture({ width, height, background, alignment, text }: AnnotationContent): Picture {
  const picture = blankPicture({ width, height });
  const [alpha = 0, red = 0, green = 0, blue = 0] = [24, 16, 8, 0].map(
    (shift) => (background >>> shift) & 255,
  );
  for (let at = 0; at < picture.rgba.length; at += 4) {
    blendPixel(picture.rgba, at, red, green, blue, alpha);
  }
  const style = readStyledText(new TextDecoder().decode(text));
  const lines = wrapText(style.text, width, style.scale);
  const step = lineHeight * style.scale;
  const free = height - lines.length * step;
  let y = alignment === 'top' ? 0 : alignment === 'center' ? Math.floor(free / 2) : free;
  for (const line of lines) {
    const room = width - textSize(line, style.scale).width;
    const x = style.side === 'left' ? 0 : style.side === 'center' ? Math.floor(room / 2) : room;
    drawText(picture, line, x, y, style.colour, style.scale);
    y += step;
    if (y >= height) break;
  }
  return picture;
}

interface StyledText {
  text: string;
  colour: number;
  scale: number;
  side: 'left' | 'center' | 'right';
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
};

/** The HTML that clients write, reduced to its text and the first of each of its styles. */
export function readStyledText(html: string): StyledText {
  const colour = /\bcolor:\s*#([\da-f]{6})\b/i.exec(html.replace(/background-color:[^;"]*/gi, ''))?.[1];
  const [, size = '12', unit = 'pt'] = /font-size:\s*(\d{1,3}(?:\.\d+)?)(pt|px)/i.exec(html) ?? [];
  const pixels = Number(size) * (unit.toLowerCase() === 'pt' ? 96 / 72 : 1);
  const side = /\balign="(center|right)"|text-align:\s*(center|right)/i.exec(html);
  const text = html
    .replace(/<(style|head|title|script)\b[\s\S]*?<\/\1\s*>/gi, '')
    .replace(/<!--[\s\S]*?-->|<!doctype[^>]*>/gi, '')
    .replace(/\r?\n/g, ' ')
    .replace(/<br\b[^>]*>|<\/(?:p|div|h\d|li|tr)\s*>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&(#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,6});/gi, (entity, name: string) => {
      if (!name.startsWith('#')) return entities[name.toLowerCase()] ?? entity;
      const point = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
      return point <= 0x10ffff ? String.fromCodePoint(point) : entity;
    });
  const lines = text.split('\n').map((line) => line.trim());
  return {
    text: lines.join('\n').replace(/^\n+|\n+$/g, ''),
    colour: colour === undefined ? black : (black | Number.parseInt(colour, 16)) >>> 0,
    scale: Math.max(1, Math.round(pixels / letterPixels)),
    side: ((side?.[1] ?? side?.[2])?.toLowerCase() as 'center' | 'right' | undefined) ?? 'left',
  };
}
