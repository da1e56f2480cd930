// The system may write less than it was given, at any byte: what is left follows, and nothing comes twice.

import fs, { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import test from 'ava';
import { AppendFile } from '../../../../src/lib/io/disk/append-file.js';
import { Disk } from '../../../../src/lib/io/disk/disk.js';
import { Seeded } from '../../../helpers/seeded.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const { writev, writevSync, writeSync } = fs;
let mostBytes = Number.POSITIVE_INFINITY;

const short = (pieces: readonly NodeJS.ArrayBufferView[]) => [
  Buffer.concat(pieces as readonly Uint8Array[]).subarray(0, mostBytes),
];
Object.assign(fs, {
  writev: (
    descriptor: number,
    pieces: readonly NodeJS.ArrayBufferView[],
    at: number,
    done: (error: Error | null, count: number) => void,
  ) => writev(descriptor, short(pieces), at, done),
  writevSync: (descriptor: number, pieces: readonly NodeJS.ArrayBufferView[], at: number) =>
    writevSync(descriptor, short(pieces), at),
  writeSync: (descriptor: number, bytes: Uint8Array, from: number, length: number, at: number) =>
    writeSync(descriptor, bytes, from, Math.min(length, mostBytes), at),
});
syncBuiltinESMExports();

for (const isOffLoop of [false, true]) {
  for (const most of [1, 2, 3, 4, 5, 7, 1000]) {
    test.serial(
      `pieces are whole, in order, when ${most} bytes are written at once, ${isOffLoop ? 'off' : 'on'} the loop`,
      async (t) => {
        const path = join(tempFolder(t), 'file');
        mostBytes = most;
        const random = new Seeded(most);
        const file = AppendFile.create(new Disk('os', () => 0), path, Buffer.from('head'));
        const all = [Buffer.from('head')];
        for (let round = 0; round < 5; round++) {
          // views into one buffer, as frames are
          const source = Buffer.from(Array.from({ length: 64 }, () => random.below(256)));
          const lengths = Array.from({ length: 1 + random.below(6) }, () => 1 + random.below(4));
          let at = 0;
          const pieces = lengths.map((length) => {
            at += length;
            return source.subarray(at - length, at);
          });
          all.push(...pieces);
          const error = await new Promise((resolve) => file.write(pieces, resolve, { isOffLoop }));
          t.is(error, undefined);
          t.is(file.sizeBytes, Buffer.concat(all).length);
        }
        file.close();
        t.deepEqual(readFileSync(path), Buffer.concat(all));
      },
    );
  }
}
