// One file with many in it: ustar, written and read piece by piece. Only plain files; anything else, and any name
// that leads out of the archive, is refused, because archives come from elsewhere.

import { Buffer } from 'node:buffer';
import { Refusal } from '../../core/errors.js';

const blockBytes = 512;
/** What fits into the 11 octal digits of the size field. */
const octalLimit = 8 ** 11;

/** Takes pieces in order; resolves when there is room for more. */
export type WritePiece = (piece: Uint8Array) => Promise<void>;

export class TarWriter {
  readonly #write: WritePiece;

  constructor(write: WritePiece) {
    this.#write = write;
  }

  /** The content must be exactly `sizeBytes` long. */
  async add(
    name: string,
    sizeBytes: number,
    modified: number,
    content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): Promise<void> {
    await this.#write(makeHeader(name, sizeBytes, modified));
    let written = 0;
    for await (const piece of content) {
      written += piece.length;
      await this.#write(piece);
    }
    if (written !== sizeBytes) throw new RangeError(`${name}: ${written} bytes, not ${sizeBytes}`);
    await this.#write(Buffer.alloc(padding(sizeBytes)));
  }

  async end(): Promise<void> {
    await this.#write(Buffer.alloc(2 * blockBytes));
  }
}

export interface TarEntry {
  name: string;
  sizeBytes: number;
  /** Must be read to its end before the next entry is asked for. */
  content: AsyncIterable<Buffer>;
}

/** The files of an archive, in order. Refusal `badInput` when it is none, or breaks off. */
export async function* readTar(source: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const pieces = new Pieces(source);
  for (;;) {
    const header = await pieces.exactly(blockBytes);
    if (header.every((byte) => byte === 0)) return;
    const { name, sizeBytes } = readHeader(header);
    yield { name, sizeBytes, content: pieces.upTo(sizeBytes) };
    await pieces.exactly(padding(sizeBytes));
  }
}

class Pieces {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async exactly(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.upTo(count)) parts.push(part);
    return Buffer.concat(parts);
  }

  async *upTo(count: number): AsyncGenerator<Buffer> {
    for (let left = count; left > 0; ) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#source.next();
        if (done) throw new Refusal('badInput', 'the file breaks off in the middle');
        this.#rest = value;
        continue;
      }
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}

function padding(sizeBytes: number): number {
  return (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
}

function makeHeader(name: string, sizeBytes: number, modified: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  const { prefix, rest } = splitName(name);
  header.write(rest, 0, 100, 'utf8');
  header.write('0000600\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  if (sizeBytes < octalLimit) header.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  else {
    // GNU's way for large files: binary, the first bit set.
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(sizeBytes), 128);
  }
  header.write(
    `${Math.floor(modified / 1000)
      .toString(8)
      .padStart(11, '0')}\0`,
    136,
  );
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(prefix, 345, 155, 'utf8');
  header.write(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function splitName(name: string): { prefix: string; rest: string } {
  if (Buffer.byteLength(name) <= 100) return { prefix: '', rest: name };
  const slash = name.lastIndexOf('/');
  const prefix = name.slice(0, Math.max(0, slash));
  const rest = name.slice(slash + 1);
  if (slash < 0 || Buffer.byteLength(prefix) > 155 || Buffer.byteLength(rest) > 100) {
    throw new RangeError(`the name ${name} is too long for an archive`);
  }
  return { prefix, rest };
}

function readHeader(header: Buffer): { name: string; sizeBytes: number } {
  const isTar =
    header.toString('latin1', 257, 262) === 'ustar' && octal(header, 148, 8) === checksumOf(header);
  if (!isTar) throw new Refusal('badInput', 'this is no archive, or it is damaged');
  const prefix = text(header, 345, 155);
  const name = prefix === '' ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`;
  const kind = header[156];
  if (kind !== 0x30 && kind !== 0) {
    throw new Refusal('badInput', `the archive holds something that is no plain file: ${name}`);
  }
  const isPlainName = name.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isPlainName || name.includes('\0') || name.includes('\\')) {
    throw new Refusal('badInput', `the archive holds a name that leads out of it: ${name}`);
  }
  const sizeBytes = header[124]! & 0x80 ? Number(header.readBigUInt64BE(128)) : octal(header, 124, 12);
  if (!Number.isSafeInteger(sizeBytes)) throw new Refusal('badInput', 'this is no archive, or it is damaged');
  return { name, sizeBytes };
}

function text(header: Buffer, start: number, length: number): string {
  const end = header.indexOf(0, start);
  return header.toString('utf8', start, end < 0 ? start + length : Math.min(end, start + length));
}

function octal(header: Buffer, start: number, length: number): number {
  return Number.parseInt(text(header, start, length).trim() || '0', 8);
}

/** The sum of all bytes, those of the sum itself taken as blanks. */
function checksumOf(header: Buffer): number {
  let sum = 8 * 0x20;
  header.forEach((byte, index) => {
    if (index < 148 || index >= 156) sum += byte;
  });
  return sum;
}
