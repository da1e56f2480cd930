// A small bitmap font for captions and annotations: ASCII in cells of 6 × 9 pixels. Letters with marks are drawn
// without them, everything else as a box. Real fonts would need a package and differ from machine to machine.

import { blendPixel, type Picture, type Size } from './picture.js';

/** Pixels from one letter to the next, and from one line to the next. */
export const cellWidth = 6;
export const lineHeight = 9;

const glyphWidth = 5;
const glyphHeight = 8;

/** From blank to tilde: eight rows each, from the top; a digit of base 32 is a row of five pixels. */
const glyphs =
  '0000000044444040AAA00000AAVAVAA04FKE5U40PP248JJ0CIK8LID0448000002488842084222480' +
  '04LEL400044V440000000C48000V000000000CC001248G00EHJLPHE04C4444E0EH1248V0V2421HE0' +
  '26AIV220VGU11HE068GUHHE0V1248880EHHEHHE0EHHF12C00CC0CC000CC0C480248G842000V0V000' +
  '84212480EH124040EH1DLLE0EHHVHHH0UHHUHHU0EHGGGHE0SIHHHIS0VGGUGGV0VGGUGGG0EHGNHHF0' +
  'HHHVHHH0E44444E072222IC0HIKOKIH0GGGGGGV0HRLLHHH0HHPLJHH0EHHHHHE0UHHUGGG0EHHHLID0' +
  'UHHUKIH0FGGE11U0V4444440HHHHHHE0HHHHHA40HHHLLLA0HHA4AHH0HHHA4440V1248GV0E88888E0' +
  '0G842100E22222E04AH00000000000V08420000000E1FHF0GGMPHHU000EGGHE011DJHHF000EHVGE0' +
  '698S888000FHHF1EGGMPHHH040C444E0206222ICGGIKOKI0C44444E000QLLHH000MPHHH000EHHHE0' +
  '00UHHUGG00FHHF1100MPGGG000EGE1U088S8896000HHHJD000HHHA4000HHLLA000HA4AH000HHHF1E' +
  '00V248V0244844204444444084424480008L2000';
const box = 'VHHHHHV0';

function rowsOf(letter: string): readonly number[] {
  const index = letter.charCodeAt(0) - 32;
  const known = letter.length === 1 && index >= 0 && index < 95;
  const digits = known ? glyphs.slice(index * glyphHeight, (index + 1) * glyphHeight) : box;
  return Array.from(digits, (digit) => Number.parseInt(digit, 32));
}

/** The letters that will be drawn, without marks. */
function lettersOf(text: string): string[] {
  return Array.from(text.normalize('NFKD').replace(/\p{M}/gu, ''));
}

/** Pixels that a line of text takes. */
export function textSize(text: string, scale = 1): Size {
  return { width: Math.max(0, lettersOf(text).length * cellWidth - 1) * scale, height: glyphHeight * scale };
}

/** Draws a line of text, its top left corner at x, y; what lies outside is left out. `colour`: 0xAARRGGBB. */
export function drawText(
  picture: Picture,
  text: string,
  x: number,
  y: number,
  colour: number,
  scale = 1,
): void {
  const { width, height, rgba } = picture;
  const red = (colour >>> 16) & 255;
  const green = (colour >>> 8) & 255;
  const blue = colour & 255;
  for (const [place, letter] of lettersOf(text).entries()) {
    const left = x + place * cellWidth * scale;
    if (left >= width) return;
    for (const [row, bits] of rowsOf(letter).entries()) {
      for (let column = 0; column < glyphWidth; column++) {
        if ((bits & (16 >> column)) === 0) continue;
        for (let dot = 0; dot < scale * scale; dot++) {
          const pixelX = left + column * scale + (dot % scale);
          const pixelY = y + row * scale + Math.floor(dot / scale);
          if (pixelX < 0 || pixelX >= width || pixelY < 0 || pixelY >= height) continue;
          blendPixel(rgba, (pixelY * width + pixelX) * 4, red, green, blue, colour >>> 24);
        }
      }
    }
  }
}

/** Breaks text into lines of at most so many pixels, between words where that is possible. */
export function wrapText(text: string, width: number, scale = 1): string[] {
  const most = Math.max(1, Math.floor((width / scale + 1) / cellWidth));
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (lettersOf(longer).length <= most) {
        line = longer;
        continue;
      }
      if (line !== '') lines.push(line);
      let rest = lettersOf(word);
      while (rest.length > most) {
        lines.push(rest.slice(0, most).join(''));
        rest = rest.slice(most);
      }
      line = rest.join('');
    }
    lines.push(line);
  }
  return lines;
}
