// A picture as encoders and terminals take it: 8 bits of red, green, blue and alpha per pixel, colour not multiplied by
// alpha, row by row from the top left. And the rectangles that pictures are cut to.

/** Whole pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Whole pixels; `x` and `y` are the top left corner. */
export interface Area extends Size {
  readonly x: number;
  readonly y: number;
}

export interface Picture extends Size {
  /** width × height × 4 bytes. */
  readonly rgba: Uint8Array;
}

/** A transparent picture. */
export function blankPicture({ width, height }: Size): Picture {
  return { width, height, rgba: new Uint8Array(width * height * 4) };
}

/** What two areas share; undefined: nothing. */
export function intersection(a: Area, b: Area): Area | undefined {
  const x = Math.max(a.x, b.x);
  const y = Math.max(a.y, b.y);
  const width = Math.min(a.x + a.width, b.x + b.width) - x;
  const height = Math.min(a.y + a.height, b.y + b.height) - y;
  return width > 0 && height > 0 ? { x, y, width, height } : undefined;
}

/** A copy of a part. `area` lies within the picture. */
export function cropped(picture: Picture, area: Area): Picture {
  const part = blankPicture(area);
  const rowBytes = area.width * 4;
  for (let row = 0; row < area.height; row++) {
    const from = ((area.y + row) * picture.width + area.x) * 4;
    part.rgba.set(picture.rgba.subarray(from, from + rowBytes), row * rowBytes);
  }
  return part;
}

/** The smallest area outside of which two pictures of one size are equal; undefined: they are equal. */
export function changedArea(before: Picture, after: Picture): Area | undefined {
  const { width, height } = after;
  const old = words(before);
  const now = words(after);
  let top = 0;
  const isSameRow = (row: number): boolean => {
    for (let at = row * width; at < (row + 1) * width; at++) if (old[at] !== now[at]) return false;
    return true;
  };
  while (top < height && isSameRow(top)) top++;
  if (top === height) return undefined;
  let bottom = height - 1;
  while (isSameRow(bottom)) bottom--;
  let left = width;
  let right = -1;
  for (let row = top; row <= bottom; row++) {
    const start = row * width;
    for (let x = 0; x < left; x++) if (old[start + x] !== now[start + x]) left = x;
    for (let x = width - 1; x > right; x--) if (old[start + x] !== now[start + x]) right = x;
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** The smallest area that holds every pixel with alpha; undefined: there is none. */
export function visibleArea(picture: Picture): Area | undefined {
  return changedArea(blankPicture(picture), withoutHiddenColour(picture));
}

/** Pixels of alpha 0 have no colour that anyone could see. */
function withoutHiddenColour(picture: Picture): Picture {
  const rgba = new Uint8Array(picture.rgba);
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] === 0) rgba.fill(0, at - 3, at);
  return { ...picture, rgba };
}

/** One number per pixel, to compare. */
function words({ rgba }: Picture): Uint32Array {
  const isAligned = rgba.byteOffset % 4 === 0;
  const bytes = isAligned ? rgba : new Uint8Array(rgba);
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}

/** Puts `top` over `picture` at x, y, in place; what lies outside is left out. */
export function paintOver(picture: Picture, top: Picture, x: number, y: number): void {
  const area = intersection({ x: 0, y: 0, ...sizeOf(picture) }, { x, y, ...sizeOf(top) });
  if (!area) return;
  for (let row = area.y; row < area.y + area.height; row++) {
    let from = ((row - y) * top.width + (area.x - x)) * 4;
    let to = (row * picture.width + area.x) * 4;
    for (let column = 0; column < area.width; column++, from += 4, to += 4) {
      blendPixel(
        picture.rgba,
        to,
        top.rgba[from] as number,
        top.rgba[from + 1] as number,
        top.rgba[from + 2] as number,
        top.rgba[from + 3] as number,
      );
    }
  }
}

/** One pixel over another; the bytes at `at` change. */
export function blendPixel(
  rgba: Uint8Array,
  at: number,
  red: number,
  green: number,
  blue: number,
  alpha: number,
): void {
  if (alpha === 0) return;
  const below = rgba[at + 3] as number;
  if (alpha === 255 || below === 0) {
    rgba[at] = red;
    rgba[at + 1] = green;
    rgba[at + 2] = blue;
    rgba[at + 3] = alpha;
    return;
  }
  const share = (below * (255 - alpha)) / 255;
  const sum = alpha + share;
  rgba[at] = Math.round((red * alpha + (rgba[at] as number) * share) / sum);
  rgba[at + 1] = Math.round((green * alpha + (rgba[at + 1] as number) * share) / sum);
  rgba[at + 2] = Math.round((blue * alpha + (rgba[at + 2] as number) * share) / sum);
  rgba[at + 3] = Math.round(sum);
}

function sizeOf({ width, height }: Size): Size {
  return { width, height };
}

/** The picture over a colour, 0xRRGGBB, in place: for formats that know no transparency. */
export function flattenOnto(picture: Picture, colour: number): void {
  const { rgba } = picture;
  const red = (colour >> 16) & 255;
  const green = (colour >> 8) & 255;
  const blue = colour & 255;
  for (let at = 0; at < rgba.length; at += 4) {
    const alpha = rgba[at + 3] as number;
    if (alpha === 255) continue;
    const rest = 255 - alpha;
    rgba[at] = Math.round(((rgba[at] as number) * alpha + red * rest) / 255);
    rgba[at + 1] = Math.round(((rgba[at + 1] as number) * alpha + green * rest) / 255);
    rgba[at + 2] = Math.round(((rgba[at + 2] as number) * alpha + blue * rest) / 255);
    rgba[at + 3] = 255;
  }
}
