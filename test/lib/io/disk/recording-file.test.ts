// Recordings on disk: gzip by content and by name, refusals that tell what to do, and files that are whole or absent.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import test from 'ava';
import { Refusal, refusal } from '../../../../src/lib/core/errors.js';
import {
  formatOfName,
  isSameFile,
  openRecording,
  writeRecording,
} from '../../../../src/lib/io/disk/recording-file.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

async function contents(path: string, stdin?: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const chunk of (await openRecording(path, stdin)).chunks) pieces.push(chunk);
  return Buffer.concat(pieces);
}

async function* pieces(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

test('names tell formats', (t) => {
  const expected: Record<string, string | undefined> = {
    'a.dprec': 'binary',
    'a.DPTXT': 'text',
    'a.dprecz': 'binary',
    'a.dptxt.gz': 'text',
    'a.dprec.archived': 'binary',
    'a.dprec.dptxt': 'text',
    'x (1).dprec.archived.dptxt': 'text',
    'a.png': undefined,
    '-': undefined,
  };
  for (const [name, format] of Object.entries(expected)) t.is(formatOfName(name), format as never, name);
});

test('gzip is recognised by its content', async (t) => {
  const path = join(tempFolder(t), 'plain-name.dprec');
  const text = 'much the same '.repeat(100_000);
  writeFileSync(path, gzipSync(text));
  t.is((await contents(path)).toString(), text);
  t.is(
    (
      await contents('-', Readable.from([...gzipSync('piped')].map((byte) => Buffer.from([byte]))))
    ).toString(),
    'piped',
  );
  t.is((await contents('-', Readable.from([Buffer.from('abc')]))).toString(), 'abc');
  t.is((await contents('-', Readable.from([]))).length, 0);
});

test('what has only one of the first bytes of gzip is read as it is', async (t) => {
  const path = join(tempFolder(t), 'a.dprec');
  for (const bytes of [[0x1f, 0, 1], [0, 0x8b, 1], [0x1f]]) {
    writeFileSync(path, Buffer.from(bytes));
    t.deepEqual([...(await contents(path))], bytes);
  }
});

test('cut gzip data is told, not taken for the end', async (t) => {
  const path = join(tempFolder(t), 'cut.dprec.gz');
  const packed = gzipSync(Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i) % 251)));
  writeFileSync(path, packed.subarray(0, packed.length - 20));
  await t.throwsAsync(contents(path), {
    instanceOf: Refusal,
    message: /gzip data of .* is damaged or truncated/,
  });
});

test('what Node can not unpack is refused with the way out', async (t) => {
  for (const [magic, tool] of [
    [Buffer.from('BZh91AY&SY'), 'bzip2'],
    [Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2]), 'xz'],
  ] as const) {
    const path = join(tempFolder(t), 'packed');
    writeFileSync(path, magic);
    const error = await t.throwsAsync<Refusal>(contents(path), { instanceOf: Refusal });
    t.true(error?.hint?.includes(`${tool} -dk ${path}`));
  }
  await t.throwsAsync(writeRecording(join(tempFolder(t), 'a.dprec.xz'), pieces('x')), {
    instanceOf: Refusal,
  });
});

test('missing files and folders are refused', async (t) => {
  const where = tempFolder(t);
  await t.throwsAsync(openRecording(join(where, 'none')), { instanceOf: Refusal, message: /no file/ });
  await t.throwsAsync(openRecording(where), { instanceOf: Refusal, message: /folder/ });
  await t.throwsAsync(writeRecording(join(where, 'no', 'file'), pieces('x')), { instanceOf: Refusal });
});

test('a written file is whole, packed by name, and replaced only when told so', async (t) => {
  const where = tempFolder(t);
  const plain = join(where, 'a.dprec');
  const packed = join(where, 'a.dptxt.gz');
  await writeRecording(plain, pieces('one', 'two'));
  await writeRecording(packed, pieces('three'));
  t.is(readFileSync(plain, 'utf8'), 'onetwo');
  t.is(gunzipSync(readFileSync(packed)).toString(), 'three');
  await t.throwsAsync(writeRecording(plain, pieces('x')), { instanceOf: Refusal, message: /already exists/ });
  await writeRecording(plain, pieces('x'), { overwrites: true });
  t.is(readFileSync(plain, 'utf8'), 'x');
});

test('after an error there is no file, and the old one is untouched', async (t) => {
  const where = tempFolder(t);
  const path = join(where, 'a.dprec');
  writeFileSync(path, 'old');
  async function* failing(): AsyncGenerator<Buffer> {
    yield Buffer.from('new');
    throw refusal('nothing-to-cut');
  }
  await t.throwsAsync(writeRecording(path, failing(), { overwrites: true }), { message: 'nothing to cut' });
  t.is(readFileSync(path, 'utf8'), 'old');
  t.deepEqual(readdirSync(where), ['a.dprec']);
});

test('the same file is recognised by any path', async (t) => {
  const where = tempFolder(t);
  writeFileSync(join(where, 'a'), '');
  t.true(await isSameFile(join(where, 'a'), join(where, '.', 'x', '..', 'a')));
  t.false(await isSameFile(join(where, 'a'), join(where, 'b')));
  t.false(await isSameFile('-', '-'));
});
