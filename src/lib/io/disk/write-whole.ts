// Small files at once: replaced in one step and safely, so that whoever opens it finds the old content or the new one,
// also after a crash; or gone on with, from a place that is known to be good.
import * as fs from 'node:fs';
import writeFileAtomic from 'write-file-atomic';
import { fileModes, openRegular } from '../files/regular-file.js';
import type { FileIdentity } from './disk.js';

/** Answers with what the new file is. */
export function writeWhole(path: string, bytes: Uint8Array): FileIdentity {
  writeFileAtomic.sync(path, Buffer.from(bytes), { mode: fileModes.work });
  return fs.statSync(path);
}

/** Writes from `position` on; what stood there goes. */
export function writeAt(path: string, position: number, bytes: Uint8Array): void {
  const { descriptor } = openRegular(path, { access: 'write' });
  try {
    fs.ftruncateSync(descriptor, position);
    fs.writeSync(descriptor, bytes, 0, bytes.length, position);
  } finally {
    fs.closeSync(descriptor);
  }
}
