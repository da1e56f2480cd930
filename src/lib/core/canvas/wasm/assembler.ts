// A small assembler for WebAssembly: what the kernels of this folder are written with. Code is a list of bytes;
// functions take the code of their operands and give the code of the combination.
//
//   set(q, i32.shiftRight(i32.multiply(get(m), get(o)), i32.of(15)))

export type Code = readonly number[];

export type ValueType = 'i32' | 'f32' | 'v128';

const typeBytes: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };

/** LEB128, unsigned. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const byte = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? byte : byte | 0x80);
  } while (rest !== 0);
  return bytes;
}

/** LEB128, signed. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; ) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
      bytes.push(byte);
      return bytes;
    }
    bytes.push(byte | 0x80);
  }
}

/** A local variable or parameter. */
export interface Local {
  readonly index: number;
}

export function get({ index }: Local): Code {
  return [0x20, ...unsigned(index)];
}

export function set({ index }: Local, value: Code): Code {
  return [...value, 0x21, ...unsigned(index)];
}

const op =
  (code: number) =>
  (...operands: Code[]): Code => [...operands.flat(), code];

/** Operations of the vector unit. */
const simd =
  (code: number, ...immediates: number[]) =>
  (...operands: Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(code), ...immediates];

/** Alignment (as a power of two) and offset of an access. */
const access = (align: number, offset: number) => [align, ...unsigned(offset)];

export const i32 = {
  of: (value: number): Code => [0x41, ...signed(value)],
  add: op(0x6a),
  subtract: op(0x6b),
  multiply: op(0x6c),
  /** Toward zero. */
  divide: op(0x6d),
  and: op(0x71),
  or: op(0x72),
  xor: op(0x73),
  shiftLeft: op(0x74),
  shiftRight: op(0x76),
  /** Copies of the sign come in. */
  shiftRightSigned: op(0x75),
  isZero: op(0x45),
  isEqual: op(0x46),
  isLess: op(0x48),
  isLessUnsigned: op(0x49),
  isAtLeast: op(0x4e),
  /** The first if the third is not zero, else the second. */
  select: op(0x1b),
  /** The integer part. */
  fromFloat: op(0xa8),
  load: (at: Code, offset = 0): Code => [...at, 0x28, ...access(2, offset)],
  store: (at: Code, value: Code, offset = 0): Code => [...at, ...value, 0x36, ...access(2, offset)],
  load16: (at: Code, offset = 0): Code => [...at, 0x2f, ...access(1, offset)],
  store16: (at: Code, value: Code, offset = 0): Code => [...at, ...value, 0x3b, ...access(1, offset)],
};

const single = new DataView(new ArrayBuffer(4));

export const f32 = {
  of: (value: number): Code => {
    single.setFloat32(0, value, true);
    return [0x43, ...new Uint8Array(single.buffer)];
  },
  load: (at: Code, offset = 0): Code => [...at, 0x2a, ...access(2, offset)],
  fromInteger: op(0xb2),
  add: op(0x92),
  subtract: op(0x93),
  multiply: op(0x94),
  divide: op(0x95),
  negative: op(0x8c),
  /** The next integer that is not less. */
  ceiling: op(0x8d),
  isLess: op(0x5d),
  select: op(0x1b),
};

/** The smaller, and the larger, of two signed numbers; each operand is computed twice. */
export const least = (a: Code, b: Code): Code => i32.select(a, b, i32.isLess(a, b));
export const greatest = (a: Code, b: Code): Code => i32.select(b, a, i32.isLess(a, b));

export const v128 = {
  load: (at: Code, offset = 0): Code => simd(0x00, ...access(1, offset))(at),
  /** Eight bytes; the upper half is zero. */
  load64: (at: Code, offset = 0): Code => simd(0x5d, ...access(1, offset))(at),
  /** Four bytes, in every 32-bit lane. */
  loadSpread32: (at: Code, offset = 0): Code => simd(0x09, ...access(1, offset))(at),
  store: (at: Code, value: Code, offset = 0): Code => simd(0x0b, ...access(1, offset))(at, value),
  /** The lower eight bytes. */
  store64: (at: Code, value: Code, offset = 0): Code => simd(0x5b, ...access(1, offset), 0)(at, value),
  store32: (at: Code, value: Code, offset = 0): Code => simd(0x5a, ...access(1, offset), 0)(at, value),
  of16: (...lanes: number[]): Code => simd(0x0c, ...lanes.flatMap((lane) => [lane & 255, lane >>> 8]))(),
  of32: (...lanes: number[]): Code =>
    simd(
      0x0c,
      ...lanes.flatMap((lane) => [lane & 255, (lane >> 8) & 255, (lane >> 16) & 255, lane >>> 24]),
    )(),
  ofFloats: (...lanes: number[]): Code =>
    simd(0x0c, ...lanes.flatMap((lane) => [...f32.of(lane)].slice(1)))(),
  /** Bytes of a (0 to 15) and of b (16 to 31), picked and ordered. */
  shuffle: (a: Code, b: Code, ...bytes: number[]): Code => simd(0x0d, ...bytes)(a, b),
  not: simd(0x4d),
  and: simd(0x4e),
  or: simd(0x50),
  xor: simd(0x51),
  /** Bits of the first that are not set in the second. */
  without: simd(0x4f),
  /** Bits of the first where the third is set, else of the second. */
  select: simd(0x52),
  isAny: simd(0x53),
};

export const i16x8 = {
  splat: simd(0x10),
  add: simd(0x8e),
  subtract: simd(0x91),
  /** Stops at zero. */
  subtractToZero: simd(0x93),
  isEqual: simd(0x2d),
  isLess: simd(0x30),
  /** From two vectors of 32-bit lanes. */
  narrow: simd(0x86),
  extract: (a: Code, lane: number): Code => simd(0x19, lane)(a),
};

export const i32x4 = {
  splat: simd(0x11),
  add: simd(0xae),
  multiply: simd(0xb5),
  /** Logical. */
  shiftRight: simd(0xad),
  isLess: simd(0x39),
  least: simd(0xb6),
  extendLow: simd(0xa9),
  extendHigh: simd(0xaa),
  /** Products of the lower, and of the upper, four 16-bit lanes. */
  multiplyLow: simd(0xbe),
  multiplyHigh: simd(0xbf),
  /** Of each pair of signed 16-bit lanes the products, added up. */
  dot: simd(0xba),
  extract: (a: Code, lane: number): Code => simd(0x1b, lane)(a),
  fromFloats: simd(0xf8),
};

export const f32x4 = {
  splat: simd(0x13),
  nearest: simd(0x6a),
  add: simd(0xe4),
  subtract: simd(0xe5),
  multiply: simd(0xe6),
  divide: simd(0xe7),
  least: simd(0xe8),
  greatest: simd(0xe9),
  isLess: simd(0x43),
  isAtMost: simd(0x45),
};

/** Runs `body` while `condition` holds. */
export function loopWhile(condition: Code, ...body: Code[]): Code {
  return [
    ...[0x02, 0x40],
    ...[0x03, 0x40],
    ...condition,
    ...[0x45, 0x0d, 1],
    ...body.flat(),
    ...[0x0c, 0],
    ...[0x0b, 0x0b],
  ];
}

export function when(condition: Code, ...body: Code[]): Code {
  return [...condition, 0x04, 0x40, ...body.flat(), 0x0b];
}

export function either(condition: Code, ifSo: readonly Code[], otherwise: readonly Code[]): Code {
  return [...condition, 0x04, 0x40, ...ifSo.flat(), 0x05, ...otherwise.flat(), 0x0b];
}

/** A function in the making: its parameters and locals are made first, then its body. */
export class FunctionBuilder {
  readonly parameters: ValueType[] = [];
  readonly #locals: ValueType[] = [];
  readonly #names: readonly string[];

  /** `names`: of all functions of the module, in their order. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** Calls another function of the module. */
  call(name: string, ...operands: Code[]): Code {
    return [...operands.flat(), 0x10, ...unsigned(this.#indexOf(name))];
  }

  /** Calls the function with this number, which has parameters like those of `example`. */
  callNumber(example: string, number: Code, ...operands: Code[]): Code {
    // the first table has all functions in their order, and a type for each stands at the same place
    return [...operands.flat(), ...number, 0x11, ...unsigned(this.#indexOf(example)), 0];
  }

  #indexOf(name: string): number {
    const index = this.#names.indexOf(name);
    if (index < 0) throw new Error(`there is no kernel ${name}`);
    return index;
  }

  parameter(type: ValueType): Local {
    this.parameters.push(type);
    return { index: this.parameters.length - 1 };
  }

  /** After all parameters. */
  local(type: ValueType): Local {
    this.#locals.push(type);
    return { index: this.parameters.length + this.#locals.length - 1 };
  }

  body(code: Code): Code {
    const locals = this.#locals.flatMap((type) => [1, typeBytes[type]]);
    const bytes = [...unsigned(this.#locals.length), ...locals, ...code, 0x0b];
    return [...unsigned(bytes.length), ...bytes];
  }
}

/** Writes the body of one exported function. */
export type Kernel = (f: FunctionBuilder) => Code;

const section = (id: number, items: readonly Code[]): Code => {
  const bytes = [...unsigned(items.length), ...items.flat()];
  return [id, ...unsigned(bytes.length), ...bytes];
};

const text = (name: string): Code => [...unsigned(name.length), ...[...name].map((c) => c.charCodeAt(0))];

/**
 * A module that works on an imported memory (`env.memory`) of at least `pages` pages and exports these kernels. They may
 * call each other by name, and by number: their places in the record.
 */
export function assemble(kernels: Readonly<Record<string, Kernel>>, pages: number): Uint8Array {
  const names = Object.keys(kernels);
  const built = Object.entries(kernels).map(([name, kernel]) => {
    const f = new FunctionBuilder(names);
    const code = kernel(f);
    return { name, f, code: f.body(code) };
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(
      1,
      built.map(({ f }) => [
        0x60,
        ...unsigned(f.parameters.length),
        ...f.parameters.map((type) => typeBytes[type]),
        0,
      ]),
    ),
    ...section(2, [[...text('env'), ...text('memory'), 2, 0, ...unsigned(pages)]]),
    ...section(
      3,
      built.map((_, index) => unsigned(index)),
    ),
    ...section(4, [[0x70, 0, ...unsigned(built.length)]]),
    ...section(
      7,
      built.map(({ name }, index) => [...text(name), 0, ...unsigned(index)]),
    ),
    ...section(9, [
      [0, ...i32.of(0), 0x0b, ...unsigned(built.length), ...built.flatMap((_, index) => unsigned(index))],
    ]),
    ...section(
      10,
      built.map(({ code }) => code),
    ),
  ]);
}
