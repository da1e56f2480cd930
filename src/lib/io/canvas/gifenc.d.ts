// The part of gifenc that gif.ts and palette.ts use; the package comes without types.

declare module 'gifenc' {
  export type Palette = [number, number, number][];

  export interface FrameOptions {
    palette?: Palette;
    /** Milliseconds, rounded to hundredths of a second. */
    delay?: number;
    /** 0: for ever. */
    repeat?: number;
    dispose?: number;
  }

  export interface Encoder {
    writeFrame(indices: Uint8Array, width: number, height: number, options?: FrameOptions): void;
    finish(): void;
    /** A copy of what was written since the last reset. */
    bytes(): Uint8Array;
    readonly stream: { reset(): void };
  }

  const gifenc: {
    GIFEncoder(): Encoder;
    /** The entire buffer behind `rgba` is read. */
    quantize(rgba: Uint8Array, colours: number, options?: { format?: 'rgb565' | 'rgb444' }): Palette;
    applyPalette(rgba: Uint8Array, palette: Palette, format?: 'rgb565' | 'rgb444'): Uint8Array;
  };
  export default gifenc;
}
