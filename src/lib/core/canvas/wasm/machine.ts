// Kernels in WebAssembly with vector instructions, where they are faster than the loops in TypeScript that they equal
// bit for bit. One memory for all, of fixed size, so that views of it stay valid; only pages that are used count.

import { assemble, type Kernel } from './assembler.js';
import { stampKernels } from './stamp-kernels.js';
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

const kernels = { ...stampKernels, ...tileKernels } satisfies Readonly<Record<string, Kernel>>;

export type Kernels = { readonly [name in keyof typeof kernels]: (...numbers: number[]) => void };

const pageBytes = 65536;
const pages = 512;

export class Machine {
  /** Undefined where there is no WebAssembly, or none with vectors. */
  readonly kernels: Kernels | undefined;
  readonly memory: ArrayBuffer;
  #at = 64;

  constructor() {
    let kernelsThere: Kernels | undefined;
    let memory: ArrayBuffer | undefined;
    try {
      const imported = new WebAssembly.Memory({ initial: pages, maximum: pages });
      const module = new WebAssembly.Module(assemble(kernels, pages));
      const instance = new WebAssembly.Instance(module, { env: { memory: imported } });
      kernelsThere = instance.exports as unknown as Kernels;
      memory = imported.buffer;
    } catch {
      // an engine without vectors: the loops in TypeScript do it
    }
    this.kernels = kernelsThere;
    this.memory = memory ?? new ArrayBuffer(pages * pageBytes);
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

let isOn = true;

/** The kernels, unless they are switched off. */
export function activeKernels(): Kernels | undefined {
  return isOn ? machine.kernels : undefined;
}

/** For tests and measurements: the loops in TypeScript give the same. */
export function useKernels(areUsed: boolean): void {
  isOn = areUsed;
}
