// Just enough ZIP for OpenRaster files: entries with known bytes, stored or deflated, one after the other.

import { Buffer } from 'node:buffer';
import { crc32, deflateRawSync } from 'node:zlib';

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Pictures are packed already. */
  readonly isStored: boolean;
}

/** 1 January 1980: the archive does not reveal when something was drawn, and equal input gives equal bytes. */
const dosDate = 0x21;
const version = 20;

/** Pieces of the archive, up to 4 GB. */
export async function* zipPieces(entries: AsyncIterable<ZipEntry>): AsyncGenerator<Buffer> {
  const directory: Buffer[] = [];
  let offset = 0;
  for await (const { name, bytes, isStored } of entries) {
    const packed = isStored ? bytes : deflateRawSync(bytes);
    const about = Buffer.alloc(26);
    about.writeUInt16LE(version);
    about.writeUInt16LE(0x800, 2); // names are UTF-8
    about.writeUInt16LE(isStored ? 0 : 8, 4);
    about.writeUInt16LE(dosDate, 8);
    about.writeUInt32LE(crc32(bytes), 10);
    about.writeUInt32LE(packed.length, 14);
    about.writeUInt32LE(bytes.length, 18);
    about.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), about, Buffer.from(name)]);
    const central = Buffer.alloc(46);
    central.write('PK\x01\x02', 'latin1');
    central.writeUInt16LE(version, 4);
    about.copy(central, 6);
    central.writeUInt32LE(offset, 42);
    directory.push(Buffer.concat([central, Buffer.from(name)]));
    // before they are yielded: who takes them may send them to another thread, and then they are empty here
    offset += local.length + packed.length;
    yield local;
    yield Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  }
  const directoryBytes = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(directoryBytes.length, 12);
  end.writeUInt32LE(offset, 16);
  yield directoryBytes;
  yield end;
}
