// Archives: what is written is read back, other tools read it, and what came from elsewhere can't lead us astray.

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import test from 'ava';
import { readTar, TarWriter } from '../../../../src/lib/io/disk/tar.js';

const withTar = spawnSync('tar', ['--version']).status === 0 || process.env.CI === 'true' ? test : test.skip;

async function pack(files: Record<string, string>): Promise<Buffer> {
  const tar = new TarWriter();
  const packed = collect(tar.pieces);
  for (const [name, text] of Object.entries(files)) {
    await tar.add(name, Buffer.byteLength(text), Date.UTC(2026, 0, 1), [Buffer.from(text)]);
  }
  tar.end();
  return packed;
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return Buffer.concat(parts);
}

async function unpack(bytes: Buffer, pieceBytes = 100): Promise<Record<string, string>> {
  const source = (async function* () {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  })();
  const files: Record<string, string> = {};
  for await (const { name, content } of readTar(source)) {
    files[name] = (await collect(content)).toString();
  }
  return files;
}

const files = {
  'dp.db': 'x'.repeat(1000),
  'sessions/01abc_r2 (1).dprec': 'y'.repeat(512),
  empty: '',
  [`${'long/'.repeat(20)}${'name'.repeat(20)}`]: 'far down',
  'ü/ß.txt': 'ä',
};

test('what is packed comes out again, cut anywhere', async (t) => {
  const bytes = await pack(files);
  for (const pieceBytes of [1, 7, 511, 512, 513, 100_000])
    t.deepEqual(await unpack(bytes, pieceBytes), files);
});

withTar('tar reads it', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-tar-'));
  t.teardown(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, 'x.tar'), await pack(files));
  t.is(spawnSync('tar', ['xf', 'x.tar'], { cwd: folder }).status, 0);
  for (const [name, text] of Object.entries(files))
    t.is(fs.readFileSync(path.join(folder, name), 'utf8'), text);
});

for (const name of ['../evil', '/etc/passwd', 'a/../../b', 'a/./b', 'a//b', 'a\\b']) {
  test(`a name that leads out is refused: ${name}`, async (t) => {
    await t.throwsAsync(unpack(await pack({ [name]: 'x' })), { message: /leads out of it/ });
  });
}

test('links, damage and a missing end are refused', async (t) => {
  const bytes = await pack({ a: 'text' });
  const link = Buffer.from(bytes);
  link[156] = 0x32;
  // Changing the kind changes the sum: mend it, so that it is the kind that is refused.
  link.write((Number.parseInt(link.toString('latin1', 148, 154), 8) + 2).toString(8).padStart(6, '0'), 148);
  await t.throwsAsync(unpack(link), { message: /not a regular file/ });
  const damaged = Buffer.from(bytes);
  damaged[0]! ^= 1;
  await t.throwsAsync(unpack(damaged), { message: /damaged/ });
  await t.throwsAsync(unpack(bytes.subarray(0, 600)), { message: /truncated/ });
  await t.throwsAsync(unpack(Buffer.alloc(2000, 'x')), { message: /not an archive/ });
});

test('an archive without files has none', async (t) => {
  t.deepEqual(await unpack(Buffer.alloc(0)), {});
  t.deepEqual(await unpack(Buffer.alloc(1024)), {});
});

for (const format of ['ustar', 'pax', 'gnu', 'oldgnu']) {
  withTar(`what tar packs in the format ${format} is read, folders and all`, async (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dp-tar-'));
    t.teardown(() => fs.rmSync(folder, { recursive: true }));
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(folder, 'in', name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    for (const what of ['.', ...fs.readdirSync(path.join(folder, 'in'))]) {
      const packed = path.join(folder, 'x.tar');
      const { status, stderr } = spawnSync('tar', ['cf', packed, `--format=${format}`, '-C', 'in', what], {
        cwd: folder,
        encoding: 'utf8',
      });
      t.is(status, 0, stderr);
      const expected = Object.entries(files).filter(([name]) => what === '.' || name.split('/')[0] === what);
      t.deepEqual(await unpack(fs.readFileSync(packed)), Object.fromEntries(expected));
    }
  });
}

test('a name longer than ustar knows is kept in a pax header', async (t) => {
  const name = `${'folder/'.repeat(60)}${'ü'.repeat(120)}`;
  t.deepEqual(await unpack(await pack({ [name]: 'far down' })), { [name]: 'far down' });
});

test('a reader that goes away ends whoever writes', async (t) => {
  const tar = new TarWriter();
  for await (const piece of reading(tar)) {
    t.true(piece.length > 0);
    break;
  }
  await t.throwsAsync(tar.add('b', 1, 0, [Buffer.from('x')]));
});

async function* reading(tar: TarWriter): AsyncGenerator<Uint8Array> {
  tar.add('a', 1, 0, [Buffer.from('x')]).catch(() => {});
  yield* tar.pieces;
}

test('content of another length than was said is a mistake', async (t) => {
  const tar = new TarWriter();
  const read = collect(tar.pieces);
  read.catch(() => {});
  await t.throwsAsync(tar.add('a', 5, 0, [Buffer.from('four')]), { message: /4 bytes, not 5/ });
  await t.throwsAsync(read, { message: /4 bytes, not 5/ });
});

for (const when of ['before the first file', 'within a file'] as const) {
  test(`what fails ${when} reaches whoever reads the archive`, async (t) => {
    const tar = new TarWriter();
    const packed = collect(tar.pieces);
    const failure = new Error('the disk is gone');
    if (when === 'within a file') {
      const content = (function* () {
        yield Buffer.alloc(100);
        throw failure;
      })();
      await t.throwsAsync(tar.add('a', 200, 0, content), { is: failure });
    }
    tar.abort(failure);
    await t.throwsAsync(packed, { is: failure });
  });
}
