// Big recordings for the canvas bench, made from seeds: the same bytes everywhere, so that figures of other engines on
// the same recording can be compared.

import { Buffer } from 'node:buffer';
import { deflateSync } from 'node:zlib';
import { Seeded } from '../../helpers/seeded.js';

type Kind = 'classic' | 'pixel' | 'mypaint' | 'mypaintBlend';

interface Plan {
  readonly about: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly users: number;
  readonly messages: number;
  readonly dabs: readonly [number, number];
  readonly sizes: readonly [number, number];
  readonly kinds: readonly Kind[];
  readonly indirect: number;
  readonly undo: number;
}

export const plans = {
  'classic-100k': {
    about: '2 users ink with soft and hard round brushes',
    seed: 1,
    width: 2000,
    height: 1500,
    users: 2,
    messages: 100_000,
    dabs: [8, 40],
    sizes: [4, 30],
    kinds: ['classic'],
    indirect: 0.5,
    undo: 0.01,
  },
  'mixed-100k': {
    about: '5 users, all kinds of brushes, larger ones, some undo',
    seed: 2,
    width: 4000,
    height: 3000,
    users: 5,
    messages: 100_000,
    dabs: [5, 30],
    sizes: [3, 120],
    kinds: ['classic', 'classic', 'pixel', 'mypaint', 'mypaintBlend'],
    indirect: 0.4,
    undo: 0.02,
  },
  'long-50mb': {
    about: '50 MB of long messages by 3 users',
    seed: 3,
    width: 3000,
    height: 3000,
    users: 3,
    messages: 72_000,
    dabs: [80, 150],
    sizes: [5, 50],
    kinds: ['classic', 'mypaint', 'pixel'],
    indirect: 0.6,
    undo: 0.005,
  },
} as const satisfies Readonly<Record<string, Plan>>;

export type PlanName = keyof typeof plans;

const numbers = {
  undoPoint: 128,
  resize: 129,
  attributes: 131,
  penUp: 140,
  putTile: 146,
  background: 147,
  classic: 148,
  pixel: 149,
  mypaint: 151,
  mypaintBlend: 152,
  createLayer: 162,
  undo: 255,
} as const;

class Writer {
  readonly #parts: Buffer[] = [];
  count = 0;

  add(type: number, user: number, ...payload: Buffer[]): void {
    const length = payload.reduce((sum, piece) => sum + piece.length, 0);
    const head = Buffer.alloc(4);
    head.writeUInt16BE(length);
    head[2] = type;
    head[3] = user;
    this.#parts.push(head, ...payload);
    this.count++;
  }

  /** Frames only, without the head of a recording. */
  frames(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

const u8 = (...values: number[]): Buffer => Buffer.from(values.map((value) => value & 255));
const u16 = (...values: number[]): Buffer => Buffer.concat(values.map((value) => u8(value >> 8, value)));
const u24 = (value: number): Buffer => u8(value >> 16, value >> 8, value);
const i32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeInt32BE(value | 0, at * 4);
  return bytes;
};

const layerOf = (user: number, number: number): number => (number << 8) | user;

/** The head of the recording, and its frames. */
export function makeRecording(name: PlanName): { head: Buffer; frames: Buffer; messages: number } {
  const plan: Plan = plans[name];
  const random = new Seeded(plan.seed * 101);
  const int = (least: number, most: number): number => random.between(least, most);
  const pick = <Item>(list: readonly Item[]): Item => list[random.below(list.length)]!;
  const out = new Writer();
  out.add(numbers.resize, 0, i32(0, plan.width, plan.height, 0));
  out.add(numbers.background, 0, i32(0xffffffff));
  for (let user = 1; user <= plan.users; user++) {
    for (let number = 1; number <= 3; number++) {
      out.add(
        numbers.createLayer,
        user,
        u24(layerOf(user, number)),
        u24(0),
        u24(0),
        i32(0),
        u8(0),
        Buffer.from(`u${user} ${number}`),
      );
    }
  }
  out.add(numbers.attributes, 1, u24(layerOf(1, 3)), u8(0, 0, 255, 2));
  while (out.count < plan.messages) {
    const user = int(1, plan.users);
    const layer = layerOf(user, int(1, 3));
    const kind = pick(plan.kinds);
    const flags = random.chance(plan.indirect) ? int(1, 3) : 0;
    if (random.chance(plan.undo)) {
      out.add(numbers.undo, user, u8(0, 0));
      continue;
    }
    stroke(out, plan, random, { user, layer, kind, flags });
  }
  const header = Buffer.from(JSON.stringify({ version: 'dp:4.25.1' }));
  const head = Buffer.concat([Buffer.from('DPREC\0'), u16(header.length), header]);
  return { head, frames: out.frames(), messages: out.count };
}

interface Pen {
  readonly user: number;
  readonly layer: number;
  readonly kind: Kind;
  readonly flags: number;
}

function stroke(
  out: Writer,
  { width, height, sizes, dabs }: Plan,
  random: Seeded,
  { user, layer, kind, flags }: Pen,
): void {
  const int = (least: number, most: number): number => random.between(least, most);
  const size = sizes[0] + random.next() ** 3 * (sizes[1] - sizes[0]);
  const colour = ((flags ? int(60, 255) : 255) * 0x1000000 + int(0, 0xffffff)) >>> 0;
  const hardness = int(40, 255);
  const mode = random.next() * 10 - 9 < 0 ? 1 : 0;
  let x = int(0, width);
  let y = int(0, height);
  let angle = random.next() * 6.3;
  const step = Math.max(1, Math.min(30, size * 0.12));
  const scale = kind === 'pixel' ? 1 : 4;
  out.add(numbers.undoPoint, user);
  for (let left = int(3, 20); left > 0; left--) {
    const start = i32(Math.round(x * scale), Math.round(y * scale), colour);
    const list: Buffer[] = [];
    for (let count = int(dabs[0], dabs[1]); count > 0; count--) {
      angle += (random.next() - 0.5) * 0.3;
      const dx = Math.round(Math.cos(angle) * step * scale);
      const dy = Math.round(Math.sin(angle) * step * scale);
      const dabSize =
        kind === 'pixel' ? Math.round(size) : Math.round(size * (0.8 + random.next() * 0.4) * 256);
      list.push(dab(kind, dx, dy, dabSize, hardness, int(60, 255)));
      x += dx / scale;
      y += dy / scale;
    }
    const modes = kind === 'mypaint' ? u8(0, 0, 0, 0) : u8(mode);
    // MyPaint dabs say by their mode whether they are indirect
    const how = kind === 'mypaint' ? 0 : flags;
    out.add(numbers[kind], user, u8(how), u24(layer), start, modes, ...list);
    if (x < 0 || y < 0 || x > width || y > height) {
      x = int(0, width);
      y = int(0, height);
    }
  }
  out.add(numbers.penUp, user, u24(layer));
}

function dab(kind: Kind, x: number, y: number, size: number, hardness: number, opacity: number): Buffer {
  if (kind === 'pixel') return Buffer.concat([u8(x, y), u16(size), u8(opacity)]);
  if (kind === 'classic') return Buffer.concat([u8(x, y), u24(size), u8(hardness, opacity)]);
  return Buffer.concat([u8(x, y), u24(size), u8(hardness, opacity, 20, 20)]);
}

/** A session after a reset: 50 MB of tiles on three layers of 4096 × 4096 pixels, as somebody gets who joins. */
export function makeImage(): { frames: Buffer; messages: number } {
  const random = new Seeded(9);
  const side = 64;
  const out = new Writer();
  out.add(numbers.resize, 0, i32(0, side * 64, side * 64, 0));
  out.add(numbers.background, 0, i32(0xffffffff));
  // a hundred different tiles are enough: packing them is not what is measured
  const tiles = Array.from({ length: 100 }, () => packedTile(random));
  for (let layer = 1; layer <= 3; layer++) {
    out.add(
      numbers.createLayer,
      0,
      u24(layerOf(1, layer)),
      u24(0),
      u24(0),
      i32(0),
      u8(0),
      Buffer.from(`${layer}`),
    );
    for (let index = 0; index < side * side; index++) {
      const place = u16(index % side, Math.floor(index / side), 0);
      out.add(
        numbers.putTile,
        0,
        u8(1),
        u24(layerOf(1, layer)),
        u8(0),
        place,
        tiles[random.below(tiles.length)]!,
      );
    }
  }
  return { frames: out.frames(), messages: out.count };
}

/** About 4 KB: soft edges, half of it transparent. */
function packedTile(random: Seeded): Buffer {
  const pixels = Buffer.alloc(16384);
  const slope = random.below(200) - 100;
  for (let at = 0; at < 16384; at += 4) {
    const x = (at >> 2) & 63;
    const alpha = Math.max(0, Math.min(255, slope + x * 4 + random.below(4)));
    for (let channel = 0; channel < 3; channel++)
      pixels[at + channel] = (alpha * (40 + channel * 60 + (x >> 2))) >> 8;
    pixels[at + 3] = alpha;
  }
  return Buffer.concat([i32(pixels.length), deflateSync(pixels)]);
}
