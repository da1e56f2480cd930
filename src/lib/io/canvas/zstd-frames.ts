// Where the frames of zstd data begin and end, and what they say about their size, without unpacking anything
// (RFC 8878 §3.1). Damage inside a block is the decoder's to find.

export interface ZstdFrame {
  readonly start: number;
  /** Behind its last byte. */
  readonly end: number;
  /** Unpacked; undefined: the frame does not contain it. */
  readonly contentBytes: number | undefined;
}

const magic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;
const mostBlockBytes = 128 * 1024;

/** The frames that make up the data exactly; undefined when anything is left over or cut. Skippable ones are left out. */
export function zstdFrames(bytes: Uint8Array): ZstdFrame[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: ZstdFrame[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 5) return undefined;
    const word = view.getUint32(at, true);
    if ((word & 0xfffffff0) >>> 0 === skippableMagic) {
      if (bytes.length - at < 8) return undefined;
      at += 8 + view.getUint32(at + 4, true);
      if (at > bytes.length) return undefined;
      continue;
    }
    if (word !== magic) return undefined;
    const frame = frameAt(view, at);
    if (!frame) return undefined;
    frames.push(frame);
    at = frame.end;
  }
  return frames.length > 0 ? frames : undefined;
}

function frameAt(view: DataView, start: number): ZstdFrame | undefined {
  const length = view.byteLength;
  const descriptor = view.getUint8(start + 4);
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const hasChecksum = (descriptor & 4) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = start + 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes;
  if (at + sizeBytes > length) return undefined;
  const contentBytes = contentSize(view, at, sizeBytes);
  at += sizeBytes;
  for (let isLast = false; !isLast; ) {
    if (at + 3 > length) return undefined;
    const header = view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
    isLast = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    const blockBytes = header >> 3;
    if (type === 3 || blockBytes > mostBlockBytes) return undefined;
    // a block of one repeated byte holds that byte only
    at += 3 + (type === 1 ? 1 : blockBytes);
  }
  if (hasChecksum) at += 4;
  return at <= length ? { start, end: at, contentBytes } : undefined;
}

function contentSize(view: DataView, at: number, sizeBytes: number): number | undefined {
  if (sizeBytes === 1) return view.getUint8(at);
  if (sizeBytes === 2) return view.getUint16(at, true) + 256;
  if (sizeBytes === 4) return view.getUint32(at, true);
  return sizeBytes === 8 ? Number(view.getBigUint64(at, true)) : undefined;
}
