// JPEG and WebP, by mozjpeg and libwebp compiled to WebAssembly (@jsquash/*), loaded when first used.

import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';
import { flattenOnto, type Picture } from '../../core/picture/picture.js';
import { readRegular } from '../files/regular-file.js';

const require = createRequire(import.meta.url);
const white = 0xffffff;
const mostCodecBytes = 16 * 1024 * 1024;

/** What the formats can say, in pixels per side. */
export const mostJpegSide = 65500;
export const mostWebpSide = 16383;

export const usualJpegQuality = 92;

let jpeg: Promise<typeof import('@jsquash/jpeg/encode.js')> | undefined;
let webp: Promise<typeof import('@jsquash/webp/encode.js')> | undefined;

/** Of what every Node has and its types lack. */
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: { compile(bytes: Uint8Array): Promise<unknown> };
};

/** The packages would fetch it as a browser does. */
async function compiled(path: string): Promise<never> {
  return (await wasm.compile(readRegular(require.resolve(path), mostCodecBytes).bytes)) as never;
}

/** Transparent pixels become white. `quality`: 1 to 100. */
export async function encodeJpeg(picture: Picture, quality = usualJpegQuality): Promise<Buffer> {
  jpeg ??= (async () => {
    const loaded = await import('@jsquash/jpeg/encode.js');
    await loaded.init(await compiled('@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm'));
    return loaded;
  })();
  const { default: encode } = await jpeg;
  const opaque = { ...picture, rgba: new Uint8Array(picture.rgba) };
  flattenOnto(opaque, white);
  return Buffer.from(await encode(imageData(opaque), { quality }));
}

/** Without loss unless a quality (1 to 100) is given. */
export async function encodeWebp(picture: Picture, quality?: number): Promise<Buffer> {
  webp ??= (async () => {
    const loaded = await import('@jsquash/webp/encode.js');
    const { simd } = await import('wasm-feature-detect');
    const kind = (await simd()) ? 'webp_enc_simd' : 'webp_enc';
    await loaded.init(await compiled(`@jsquash/webp/codec/enc/${kind}.wasm`));
    return loaded;
  })();
  const { default: encode } = await webp;
  // "exact" would keep the colours of invisible pixels
  const options = quality === undefined ? { lossless: 1, quality: 75 } : { quality };
  return Buffer.from(await encode(imageData(picture), options));
}

/** What browsers call ImageData. */
function imageData({ width, height, rgba }: Picture): never {
  const data = new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.length);
  return { width, height, data, colorSpace: 'srgb' } as never;
}
