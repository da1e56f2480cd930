// Files by path: only regular ones, at once, bounded, with modes that do not depend on the umask.

import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { reason } from '../../../../src/lib/core/errors/reason.js';
import {
  createRegular,
  ensureRegular,
  fileModes,
  openRegular,
  openRegularAsync,
  plainReason,
  readRegular,
  readRegularAsync,
  statRegular,
  UnusableFile,
} from '../../../../src/lib/io/files/regular-file.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

const unusable = test.macro(
  async (t, make: (t: ExecutionContext, path: string) => string | Promise<string>, reason: RegExp) => {
    const path = await make(t, join(tempFolder(t), 'file'));
    const expected = { instanceOf: UnusableFile, message: reason };
    t.throws(() => openRegular(path), expected);
    t.throws(() => openRegular(path, { access: 'write' }), expected);
    t.throws(() => readRegular(path, 1000), expected);
    t.throws(() => statRegular(path), expected);
    await t.throwsAsync(openRegularAsync(path), expected);
    await t.throwsAsync(readRegularAsync(path, 1000), expected);
  },
);

test('a FIFO is named, and nobody waits for its writer', unusable, makeFifo, /named pipe \(FIFO\)/);
test(
  'a link to a FIFO',
  unusable,
  (t, path) => {
    symlinkSync(makeFifo(t, `${path}-pipe`), path);
    return path;
  },
  /named pipe/,
);
test('a device', unusable, () => '/dev/zero', /it is a device, not a regular file/);
test(
  'a link to a device',
  unusable,
  (_t, path) => {
    symlinkSync('/dev/zero', path);
    return path;
  },
  /it is a device/,
);
test(
  'a folder',
  unusable,
  (_t, path) => {
    mkdirSync(path);
    return path;
  },
  /it is a folder/,
);
test(
  'a socket',
  unusable,
  async (t, path) => {
    const server = net.createServer().listen(path);
    t.teardown(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    return path;
  },
  /it is a socket/,
);

function makeFifo(_t: ExecutionContext, path: string): string {
  execFileSync('mkfifo', [path]);
  return path;
}

test('a file may have as many bytes as its kind allows, also when it says that it has none', async (t) => {
  const file = join(tempFolder(t), 'file');
  writeFileSync(file, 'x'.repeat(5000));
  t.is(readRegular(file, 5000).bytes.length, 5000);
  t.is((await readRegularAsync(file, 5000)).bytes.length, 5000);
  t.throws(() => readRegular(file, 4999), { instanceOf: UnusableFile, message: /too large.*4999/ });
  await t.throwsAsync(readRegularAsync(file, 4999), { instanceOf: UnusableFile });
  // its size is 0
  t.deepEqual(readRegular('/proc/self/status', 100_000).bytes.subarray(0, 5).toString(), 'Name:');
  t.throws(() => readRegular('/proc/self/status', 10), { instanceOf: UnusableFile });
  writeFileSync(file, '');
  t.is(readRegular(file, 10).bytes.length, 0);
});

test('where links are refused, one at the end of the path is', async (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'file'), 'x');
  symlinkSync(join(folder, 'file'), join(folder, 'link'));
  t.is(readRegular(join(folder, 'link'), 10).bytes.toString(), 'x');
  const expected = { instanceOf: UnusableFile, message: /symbolic link/ };
  t.throws(() => openRegular(join(folder, 'link'), { refusesLink: true }), expected);
  await t.throwsAsync(openRegularAsync(join(folder, 'link'), { refusesLink: true }), expected);
  closeSync(openRegular(join(folder, 'file'), { refusesLink: true }).descriptor);
});

test('what is created never is on top of something, nor behind a link', (t) => {
  const folder = tempFolder(t);
  const file = join(folder, 'file');
  closeSync(createRegular(file, fileModes.work));
  t.throws(() => createRegular(file, fileModes.work), { code: 'EEXIST' });
  symlinkSync(join(folder, 'elsewhere'), join(folder, 'link'));
  t.throws(() => createRegular(join(folder, 'link'), fileModes.work), { code: 'EEXIST' });
  t.is(statRegular(join(folder, 'elsewhere')), undefined);
});

test('a file that is ensured keeps what it has', (t) => {
  const folder = tempFolder(t);
  const file = join(folder, 'file');
  ensureRegular(file, fileModes.secret);
  t.is(statSync(file).mode & 0o777, 0o600);
  writeFileSync(file, 'kept');
  ensureRegular(file, fileModes.secret);
  t.is(readFileSync(file, 'utf8'), 'kept');
  t.throws(() => ensureRegular(folder, fileModes.secret), { instanceOf: UnusableFile });
});

test('what the system says is told without its codes', (t) => {
  const error = t.throws(() => openRegular('/nowhere/at/all'));
  t.is(plainReason(error), 'no such file or directory');
  t.is(
    plainReason(new UnusableFile(reason('file-is-other', { what: 'a folder' }))),
    'it is a folder, not a regular file',
  );
});

test('modes hold under every umask', (t) => {
  // An own process each: the umask belongs to the whole process, and other tests run in this one.
  const modesUnder = (umask: string): string[] => {
    const folder = tempFolder(t);
    const script = `
      import { closeSync, statSync } from 'node:fs';
      import { createRegular, fileModes } from '${new URL('../../../../src/lib/io/files/regular-file.js', import.meta.url)}';
      import { folderModes, makeFolder } from '${new URL('../../../../src/lib/io/files/folders.js', import.meta.url)}';
      process.umask(0o${umask});
      for (const [name, mode] of Object.entries(fileModes)) closeSync(createRegular('${folder}/' + name, mode));
      for (const [name, mode] of Object.entries(folderModes)) makeFolder('${folder}/of-' + name + '/deep', mode);
      for (const name of ['secret', 'work', 'public', 'of-private', 'of-private/deep', 'of-work', 'of-public'])
        console.log((statSync('${folder}/' + name).mode & 0o777).toString(8));`;
    return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
      .trim()
      .split('\n');
  };
  t.deepEqual(modesUnder('000'), ['600', '640', '644', '700', '700', '750', '755']);
  t.deepEqual(modesUnder('022'), ['600', '640', '644', '700', '700', '750', '755']);
  t.deepEqual(modesUnder('077'), ['600', '600', '600', '700', '700', '700', '700']);
  t.deepEqual(modesUnder('777'), ['600', '600', '600', '700', '700', '700', '700']);
});
