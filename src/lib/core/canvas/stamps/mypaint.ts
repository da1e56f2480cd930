// Masks of MyPaint brushes: ellipses at an angle (pixels 3.5). Everything in singles, in the order written.

import { nearestEven } from '../blend/floats.js';
import type { Profile } from '../pixel.js';
import { activeKernels, machine } from '../wasm/machine.js';
import { cosines, sines } from './angles.js';
import { mostSize, type PlacedStamp } from './classic.js';
import { type Stamp, StampStore } from './stamp.js';

const f = Math.fround;
const K = f(0.5641895835477563);

const store = new StampStore();

/** Whether a dab with these bytes makes a mask. */
export function isMyPaintDrawn(size: number, hardness: number, opacity: number): boolean {
  return size >= 51 && opacity !== 0 && hardness !== 0;
}

export function myPaintStamp(
  profile: Profile,
  size: number,
  hardness: number,
  aspect: number,
  angle: number,
): Stamp {
  const clamped = Math.min(size, mostSize);
  // below 2^53: 18 bits of size, three bytes and the profile
  const isRounded = profile === 'avx2' ? 1 : 0;
  const key = (((clamped * 256 + hardness) * 256 + aspect) * 256 + angle) * 2 + isRounded;
  const hash = Math.imul(clamped, 31) ^ Math.imul((hardness << 16) | (aspect << 8) | angle, 17) ^ isRounded;
  const known = store.find(key, hash);
  if (known !== undefined) return known;
  const side = Math.floor(f(f(clamped / 256) + 2));
  const made = store.make(key, hash, side);
  fillStamp(made, profile, clamped, hardness, aspect, angle);
  return made;
}

/** Where a mask of this size falls, `x` and `y` in quarter pixels. */
export function placeMyPaint(x: number, y: number, size: number, to: PlacedStamp): void {
  const radius = f(f(Math.min(size, mostSize) / 256) / 2);
  to.left = Math.trunc(f(f(f(x / 4) - radius) + 0.5));
  to.top = Math.trunc(f(f(f(y / 4) - radius) + 0.5));
}

/** Where the kernels keep the turned coordinates of the columns of the stamp that is being made, x and y. */
const turned = machine.takeF32(2 * 1024);

function fillStamp(
  { mask, at: first, side }: Stamp,
  profile: Profile,
  size: number,
  hardnessByte: number,
  aspectByte: number,
  angle: number,
): void {
  const R = f(f(size / 256) / 2);
  const H = f(hardnessByte / 255);
  const AR = aspectByte === 0 ? 1 : f(f(aspectByte / f(28.333)) + 1);
  const c = cosines[angle]!;
  const s = sines[angle]!;
  const q = f(1 / f(R * R));
  const slope1 = -f(f(1 / H) - 1);
  const off2 = f(H / f(1 - H));
  const slope2 = f(-H / f(1 - H));
  const cells = side * side;
  // vector instructions round sixteen cells at a time, then four; what remains is cut off
  const rounded = profile === 'avx2' ? cells - ((cells % 16) % 4) : 0;
  const isSmall = R < 3;
  const shape: Shape = { R, AR, c, s, q };
  const kernels = activeKernels();
  // the few cells that are not rounded as the others are computed again
  let start = 0;
  if (kernels !== undefined) {
    const to = mask.byteOffset + 2 * first;
    const isRounded = rounded > 0 ? 1 : 0;
    if (isSmall) {
      const limit = limitOf(shape);
      kernels.smallMyPaintMask(K, limit, 0, to, side, R, c, s, AR, q, H, slope1, off2, slope2, isRounded);
    } else {
      kernels.myPaintMask(turned.byteOffset, 0, to, side, R, c, s, AR, q, H, slope1, off2, slope2, isRounded);
    }
    if (rounded === 0 || rounded === cells) return;
    start = rounded;
  }
  for (let at = start; at < cells; at++) {
    const x = at % side;
    const y = Math.floor(at / side);
    let rr: number;
    if (isSmall) rr = smallDistance(shape, x, y);
    else {
      const xx = f(f(x + 0.5) - R);
      const yy = f(f(y + 0.5) - R);
      const u = f(f(f(yy * c) - f(xx * s)) * AR);
      const v = f(f(yy * s) + f(xx * c));
      rr = f(f(f(u * u) + f(v * v)) * q);
    }
    let cell = 0;
    if (rr <= 1) {
      const scaled = f((rr <= H ? f(1 + f(rr * slope1)) : f(off2 + f(rr * slope2))) * 32768);
      cell = at < rounded ? nearestEven(scaled) : scaled | 0;
    }
    mask[first + at] = cell;
  }
}

interface Shape {
  /** Radius, aspect ratio, cosine and sine of the angle, 1 / R². */
  R: number;
  AR: number;
  c: number;
  s: number;
  q: number;
}

/** Squares of distances that are well inside. */
function limitOf({ R, AR }: Shape): number {
  const inner = Math.max(0, f(R - 1));
  return f(inner * f(inner / AR));
}

/** Square of the distance of (x, y), turned and stretched. */
function stretched({ c, s, AR }: Shape, x: number, y: number): number {
  const u = f(f(f(y * c) - f(x * s)) * AR);
  const v = f(f(y * s) + f(x * c));
  return f(f(u * u) + f(v * v));
}

/** With edges smoothed: the mean of the nearest and the farthest point of the cell, roughly. */
function smallDistance(shape: Shape, x: number, y: number): number {
  const { R, c, s, q } = shape;
  const right = f(R - x);
  const bottom = f(R - y);
  const cx = f(right - 0.5);
  const cy = f(bottom - 0.5);
  const left = f(right - 1);
  const top = f(bottom - 1);
  let nx = 0;
  let ny = 0;
  let near = 0;
  if (!(left < 0 && right > 0 && top < 0 && bottom > 0)) {
    const l2 = f(f(c * c) + f(s * s));
    const t = f(f(f(cx * c) + f(cy * s)) / l2);
    nx = Math.min(right, Math.max(left, f(c * t)));
    // the original has the limits of this one swapped: it is always the upper edge
    ny = top;
    near = f(stretched(shape, nx, ny) * q);
  }
  if (near > 1) return near;
  const sign = f(f(f(cx - c) * s) - f(c * f(cy + s)));
  const [fx, fy] = sign < 0 ? [f(nx - f(s * K)), f(ny + f(c * K))] : [f(nx + f(s * K)), f(ny - f(c * K))];
  const rfar = stretched(shape, fx, fy);
  const far = f(rfar * q);
  if (rfar < limitOf(shape)) return f(f(far + near) * 0.5);
  return f(1 - f(f(1 - near) / f(1 + f(far - near))));
}
