// A file of lines with checksums: made, written on, replaced, and noticed when somebody else has changed it.

import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { crc32, seal } from '../../../../src/lib/core/session/journal-seals.js';
import { Disk, type Durability } from '../../../../src/lib/io/disk/disk.js';
import { type FoundLines, SealedFile } from '../../../../src/lib/io/disk/sealed-file.js';
import { systemError, watchFolder } from '../../../helpers/disk-faults.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { until } from '../../../helpers/until.js';

function makeFile(t: ExecutionContext, durability: Durability = 'os', folder = tempFolder(t)) {
  const path = join(folder, 'a.session');
  const disk = new Disk(durability);
  const lost: string[] = [];
  const open = (found?: FoundLines) => {
    const file = new SealedFile(disk, path, found);
    file.onLost = (why) => void lost.push(why);
    t.teardown(() => file.close());
    return file;
  };
  return { folder, path, disk, lost, open, file: open() };
}

const write = (file: SealedFile, ...lines: string[]) =>
  new Promise<Error | undefined>((resolve) => file.write(lines, resolve));

/** As the lines would be in one file that was written at once. */
const sealed = (...batches: string[][]) => {
  let chain = 0;
  return Buffer.concat(
    batches.map((lines) => {
      const { bytes, chain: next } = seal(lines, chain);
      chain = next;
      return bytes;
    }),
  );
};

/** What a start finds. */
function found(path: string, more: Partial<FoundLines> = {}): FoundLines {
  const bytes = readFileSync(path);
  const { dev, ino } = statSync(path);
  return {
    sizeBytes: bytes.length,
    sum: crc32(bytes),
    chain: 0,
    prefix: '',
    identity: { dev, ino },
    ...more,
  };
}

/** Other bytes in the same place, so that only the content says it. */
function overwrite(path: string, at: number): void {
  const descriptor = openSync(path, 'r+');
  writeSync(descriptor, Buffer.from('#'), 0, 1, at);
  closeSync(descriptor);
}

async function looked(disk: Disk, isDone: () => boolean): Promise<void> {
  await until('the file was looked at', () => {
    disk.sweep();
    return isDone();
  });
}

for (const durability of ['os', 'sync'] as const) {
  test(`lines are appended, each batch with its checksum behind those before: ${durability}`, async (t) => {
    const { path, file } = makeFile(t, durability);
    t.false(file.isThere);
    t.is(file.sizeBytes, 0);
    t.is(await write(file, 'one', 'two'), undefined);
    t.true(file.isThere);
    t.is(await write(file, 'three'), undefined);
    t.deepEqual(readFileSync(path), sealed(['one', 'two'], ['three']));
    t.is(file.sizeBytes, statSync(path).size);
    t.false(file.isUnsealed);
  });
}

test('a file that was found is written on with its checksum, and what has to come between is written once', async (t) => {
  const { path, open, file } = makeFile(t);
  await write(file, 'one');
  const { chain } = seal(['one'], 0);
  const again = open(found(path, { chain, prefix: '\n' }));
  t.true(again.isUnsealed);
  await write(again, 'two');
  t.false(again.isUnsealed);
  await write(again, 'three');
  const first = seal(['one'], 0);
  const second = seal(['two'], first.chain);
  const third = seal(['three'], second.chain);
  t.deepEqual(readFileSync(path), Buffer.concat([first.bytes, Buffer.from('\n'), second.bytes, third.bytes]));
});

test('what has to come first can be written alone', async (t) => {
  const { path, open, file } = makeFile(t);
  await write(file, 'one');
  const again = open(found(path, { prefix: '# end\n' }));
  await write(again);
  t.regex(readFileSync(path, 'utf8'), /# end\n$/);
});

test('all lines take the place of the old ones, with checksums from the beginning', async (t) => {
  const { path, file, lost, disk } = makeFile(t);
  file.watch();
  await write(file, 'one', 'two');
  await file.replace(['three']);
  await write(file, 'four');
  t.deepEqual(readFileSync(path), sealed(['three'], ['four']));
  for (let i = 0; i < 20; i++) disk.sweep();
  t.is(file.lossNow(), undefined);
  t.deepEqual(lost, []);
});

test('a replacement also ends what has to come first', async (t) => {
  const { path, open, file } = makeFile(t);
  await write(file, 'one');
  const again = open(found(path, { prefix: '# end\n' }));
  await again.replace(['two']);
  t.false(again.isUnsealed);
  t.deepEqual(readFileSync(path), sealed(['two']));
});

test('a replacement that fails leaves the old file, which is written on', async (t) => {
  const { folder, path, file } = makeFile(t);
  await write(file, 'one');
  const heal = watchFolder(folder, (call) => {
    if (/rename/.test(call.name)) throw systemError('EIO', call);
  });
  await t.throwsAsync(file.replace(['two']), { message: /EIO/ });
  heal();
  t.is(await write(file, 'three'), undefined);
  t.deepEqual(readFileSync(path), sealed(['one'], ['three']));
  truncateSync(path, 3);
  t.is(typeof file.lossNow(), 'string', 'it is looked after as before');
});

test('a file that cannot be made is made by the next write, with all that was to be in it', async (t) => {
  const { folder, path, file } = makeFile(t);
  const heal = watchFolder(folder, (call) => {
    if (call.name === 'openSync') throw systemError('EIO', call);
  });
  t.regex((await write(file, 'one'))?.message ?? '', /EIO/);
  t.false(file.isThere);
  heal();
  await write(file, 'one', 'two');
  t.deepEqual(readFileSync(path), sealed(['one', 'two']));
});

test('a file that could not be forced to the disk is made anew', async (t) => {
  const { folder, path, file } = makeFile(t, 'sync');
  let isBroken = true;
  watchFolder(folder, (call) => {
    if (isBroken && /sync/.test(call.name)) throw systemError('EIO', call);
  });
  t.regex((await write(file, 'one'))?.message ?? '', /EIO/);
  t.false(file.isThere);
  t.false(existsSync(path));
  isBroken = false;
  t.is(await write(file, 'one'), undefined);
  t.deepEqual(readFileSync(path), sealed(['one']));
});

test("somebody else's bytes are noticed, however long the file is, and ours are none", async (t) => {
  const { path, file, lost, disk } = makeFile(t);
  file.watch();
  await write(file, 'one');
  await write(file, 'two');
  for (let i = 0; i < 20; i++) disk.sweep();
  t.deepEqual(lost, []);
  overwrite(path, 1);
  await looked(disk, () => lost.length > 0);
  t.deepEqual(lost, ['was overwritten']);
});

test('a file that was found is compared with what was found', async (t) => {
  const { path, open, file, lost, disk } = makeFile(t);
  await write(file, 'one');
  const bytes = found(path);
  const again = open(bytes);
  again.watch();
  for (let i = 0; i < 20; i++) disk.sweep();
  t.deepEqual(lost, []);
  overwrite(path, 1);
  await looked(disk, () => lost.length > 0);
  t.deepEqual(lost, ['was overwritten']);
});

test('a replacement is compared with what was written last', async (t) => {
  const { path, file, lost, disk } = makeFile(t);
  await write(file, 'one');
  file.watch();
  await file.replace(['two']);
  for (let i = 0; i < 20; i++) disk.sweep();
  t.deepEqual(lost, []);
  overwrite(path, 1);
  await looked(disk, () => lost.length > 0);
  t.deepEqual(lost, ['was overwritten']);
});

test('a file that is gone is noticed when it is looked at', async (t) => {
  const { path, file, lost, disk } = makeFile(t);
  await write(file, 'one');
  file.watch();
  t.is(file.lossNow(), undefined);
  truncateSync(path, 2);
  t.is(typeof file.lossNow(), 'string');
  await looked(disk, () => lost.length > 0);
  t.is(lost.length, 1);
});
