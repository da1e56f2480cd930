// Kernels in WebAssembly with vector instructions, where they are faster than the loops in TypeScript that they equal
// bit for bit. One memory for all, of fixed size, so that views of it stay valid; only pages that are used count.

import { assemble, type Kernel } from './assembler.js';
import { areaAt } from './dab-areas.js';
import { dabKernels } from './dab-kernels.js';
import { dabMaskKernels } from './dab-masks.js';
import { maskKernels } from './mask-kernels.js';
import { myPaintKernels } from './mypaint-kernels.js';
import { softKernels } from './soft-kernels.js';
import { tileKernels } from './tile-kernels.js';

/** What this file uses of WebAssembly; neither the language nor Node's types declare it. */
declare const WebAssembly: {
  Memory: new (size: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, object>>>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

const kernels = {
  ...softKernels,
  ...myPaintKernels,
  ...tileKernels,
  ...maskKernels,
  ...dabMaskKernels,
  ...dabKernels,
} satisfies Readonly<Record<string, Kernel>>;

export type Kernels = { readonly [name in keyof typeof kernels]: (...numbers: number[]) => void };

/**
 * Pages to ask for, until there is one amount that can be had: 1 GiB holds the tiles of all but the largest canvases.
 * Pages that are never written to take no memory.
 */
const amounts = [16_384, 4096, 512];

/** What stamps, curves and copies take; the rest is for tiles. */
const reservedBytes = 20 * 2 ** 20;

type Made = { readonly kernels: Kernels; readonly memory: ArrayBuffer };

/** Undefined: there is no WebAssembly with vectors (the loops in TypeScript do it), or not so much memory. */
function tryToMake(pages: number): Made | undefined {
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const module = new WebAssembly.Module(assemble(kernels, pages));
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    return { kernels: instance.exports as unknown as Kernels, memory: memory.buffer };
  } catch {
    return undefined;
  }
}

export class Machine {
  /** Undefined where there is no WebAssembly, or none with vectors. */
  readonly kernels: Kernels | undefined;
  readonly memory: ArrayBuffer;
  readonly reservedBytes = reservedBytes;
  #at = areaAt.end;

  constructor() {
    const made = amounts.reduce<Made | undefined>((found, pages) => found ?? tryToMake(pages), undefined);
    this.kernels = made?.kernels;
    this.memory = made?.memory ?? new ArrayBuffer(reservedBytes);
  }

  /** The start of a stretch of the memory, for good. Aligned to 16 bytes. */
  take(bytes: number): number {
    const start = this.#at;
    this.#at += (bytes + 15) & ~15;
    if (this.#at > this.memory.byteLength) throw new Error('the memory of the kernels is too small');
    return start;
  }

  takeU16(count: number): Uint16Array {
    return new Uint16Array(this.memory, this.take(count * 2), count);
  }

  takeF32(count: number): Float32Array {
    return new Float32Array(this.memory, this.take(count * 4), count);
  }
}

export const machine = new Machine();

/** By which other kernels call one. */
export function kernelNumber(name: keyof Kernels): number {
  return Object.keys(kernels).indexOf(name);
}

let isOn = true;

/** The kernels, unless they are switched off. */
export function activeKernels(): Kernels | undefined {
  return isOn ? machine.kernels : undefined;
}

/** For tests and measurements: the loops in TypeScript give the same. */
export function useKernels(areUsed: boolean): void {
  isOn = areUsed;
}
