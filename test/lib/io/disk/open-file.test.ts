// A file that is opened when it is needed: what is noticed when somebody moves, replaces or changes it, and when it is closed.

import * as fs from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Disk, OpenFile } from '../../../../src/lib/io/disk/disk.js';
import { systemError, watchFolder } from '../../../helpers/disk-faults.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { until } from '../../../helpers/until.js';

function makeFile(t: ExecutionContext, content = 'content') {
  const disk = new Disk();
  const path = join(tempFolder(t), 'file');
  fs.writeFileSync(path, content);
  const file = new OpenFile(disk, path);
  file.leastBytes = () => content.length;
  file.mostBytes = () => content.length;
  t.teardown(() => {
    file.unwatch();
    file.close();
  });
  const gone: string[] = [];
  file.onGone = (why) => void gone.push(why);
  return { disk, path, file, gone };
}

/** How many descriptors of this process lead to a path. */
function descriptorsOf(path: string): number {
  const leadsThere = (name: string) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${name}`) === path;
    } catch {
      return false;
    }
  };
  return fs.readdirSync('/proc/self/fd').filter(leadsThere).length;
}

/** Puts something else at the path; it has another number, because the file of before is still there. */
function replace(path: string, content: string): void {
  fs.writeFileSync(`${path}.other`, content);
  fs.renameSync(path, `${path}.before`);
  fs.renameSync(`${path}.other`, path);
}

test('a file is opened when it is needed, and made only where there is none', (t) => {
  const { disk, path, file } = makeFile(t);
  t.false(file.isOpen);
  const descriptor = file.descriptor();
  t.true(file.isOpen);
  t.is(disk.openCount, 1);
  t.is(file.descriptor(), descriptor);
  t.throws(() => new OpenFile(disk, path).create(), { code: 'EEXIST' });
  const made = new OpenFile(disk, `${path}.new`);
  disk.tick = 7;
  made.create();
  t.is(made.usedAt, 7);
  t.is(fs.statSync(`${path}.new`).size, 0);
  made.close({ isNow: true });
  file.descriptor();
  t.is(file.usedAt, 7);
});

test('a file that is closed by now has no descriptor the moment after', (t) => {
  const { disk, file } = makeFile(t);
  const descriptor = file.descriptor();
  file.close({ isNow: true });
  t.throws(() => fs.fstatSync(descriptor), { code: 'EBADF' });
  t.is(disk.openCount, 0);
  t.false(file.isOpen);
});

test('a file that somebody works with is closed when the last one is done', (t) => {
  const { file } = makeFile(t);
  file.hold();
  file.hold();
  file.close();
  t.true(file.isBusy);
  file.release();
  t.true(file.isOpen);
  file.release();
  t.false(file.isOpen);
  t.false(file.isBusy);
  file.hold();
  file.release();
  t.true(file.isOpen, 'what was asked for before is done with');
});

test('the descriptor of a file that is closed later is gone in the end', async (t) => {
  const { path, file } = makeFile(t);
  file.descriptor();
  t.is(descriptorsOf(path), 1);
  file.close();
  await until('nothing has it open', () => descriptorsOf(path) === 0);
  t.false(file.isOpen);
});

test('one who works with a file is enough to keep it open', (t) => {
  const { file } = makeFile(t);
  t.false(file.isBusy);
  file.hold();
  t.true(file.isBusy);
  file.close({ isNow: true });
  t.true(file.isOpen);
  file.release();
  t.false(file.isOpen);
});

test('a file that is used again before it is closed stays open', (t) => {
  const { file } = makeFile(t);
  file.hold();
  file.close();
  file.descriptor();
  file.release();
  t.true(file.isOpen);
});

test('another file in its place is refused, a copy of the same length is written on', (t) => {
  const { path, file } = makeFile(t, '12345');
  file.descriptor();
  file.close({ isNow: true });
  replace(path, '54321');
  file.descriptor();
  file.close({ isNow: true });
  replace(path, '123456');
  t.throws(() => file.descriptor(), { message: `${path} was replaced by another file` });
  t.false(file.isOpen);
  t.is(descriptorsOf(path), 0);
  replace(path, '12345');
  t.notThrows(() => file.descriptor());
});

for (const [what, change, why] of [
  ['was deleted', (path: string) => fs.unlinkSync(path), 'was deleted or moved'],
  ['was replaced', (path: string) => replace(path, 'content'), 'was replaced by another file'],
  ['is shorter', (path: string) => fs.truncateSync(path, 6), 'was truncated'],
  ['is longer', (path: string) => fs.appendFileSync(path, '!'), 'was modified by another program'],
  [
    'is a link to itself',
    (path: string) => {
      fs.unlinkSync(path);
      fs.symlinkSync(path, path);
    },
    'was replaced by a link that leads to itself',
  ],
  ['is as it was', () => {}, undefined],
] as const) {
  test(`a look at a file that ${what}: ${why ?? 'nothing is wrong'}`, async (t) => {
    const { path, file, gone } = makeFile(t);
    let looks = 0;
    file.descriptor();
    change(path);
    t.is(file.lossNow(), why);
    await new Promise<void>((resolve) => {
      file.onGone = (said) => {
        gone.push(said);
        resolve();
      };
      file.onLook = ({ size }) => {
        t.is(size, 'content'.length);
        looks++;
        resolve();
      };
      file.check();
      // a look that is under way is enough
      file.check();
    });
    t.deepEqual(gone, why === undefined ? [] : [why]);
    t.is(looks, why === undefined ? 1 : 0);
    gone.length = 0;
    file.closeIdle();
    t.deepEqual(gone, why === undefined ? [] : [why], 'it is said before it is closed');
    t.false(file.isOpen);
    gone.length = 0;
    file.closeIdle();
    t.deepEqual(gone, [], 'what is closed already is not looked at');
  });
}

test('which file it is may be known before it is opened', (t) => {
  const { disk, path } = makeFile(t);
  const { dev, ino } = fs.statSync(path);
  t.is(new OpenFile(disk, path, { dev, ino }).lossNow(), undefined);
  const other = new OpenFile(disk, path, { dev, ino: ino + 1 });
  t.is(other.lossNow(), 'was replaced by another file');
  t.throws(() => other.descriptor(), { message: `${path} was replaced by another file` });
  t.is(new OpenFile(disk, path, { dev: dev + 1, ino }).lossNow(), 'was replaced by another file');
});

test('the same file may have grown while it was closed', (t) => {
  const { path, file } = makeFile(t);
  file.descriptor();
  file.close({ isNow: true });
  fs.appendFileSync(path, 'half of a write');
  t.notThrows(() => file.descriptor());
});

test('an empty file has all that is known of it', (t) => {
  const path = join(tempFolder(t), 'empty');
  fs.writeFileSync(path, '');
  t.is(new OpenFile(new Disk(), path).lossNow(), undefined);
});

test('where the process has as many open files as it may, one of ours is closed for another', (t) => {
  const { disk, path, file } = makeFile(t);
  const second = new OpenFile(disk, `${path}.second`);
  fs.writeFileSync(second.path, '');
  let left = 1;
  let code = 'EMFILE';
  t.teardown(
    watchFolder(path.slice(0, path.lastIndexOf('/')), (call) => {
      if (call.name === 'openSync' && call.path === second.path && left-- > 0) throw systemError(code, call);
    }),
  );
  t.throws(() => second.descriptor(), { code: 'EMFILE' });
  file.descriptor();
  left = 1;
  second.descriptor();
  t.true(second.isOpen);
  t.false(file.isOpen);
  second.close({ isNow: true });
  file.descriptor();
  left = 1;
  code = 'EACCES';
  t.throws(() => second.descriptor(), { code: 'EACCES' });
  t.true(file.isOpen, 'which does not help here');
});

test('a watched file is looked at while it is closed, until it is not watched any more', async (t) => {
  const { disk, file } = makeFile(t);
  let looks = 0;
  file.onLook = () => void looks++;
  file.descriptor();
  file.watch();
  file.close();
  const sweeps = () => {
    for (let i = 0; i < 8; i++) disk.sweep();
  };
  sweeps();
  await until('it is looked at', () => looks === 1);
  file.unwatch();
  sweeps();
  file.check();
  await until('it is looked at again', () => looks > 1);
  t.is(looks, 2);
});

test('nothing is looked at for nobody, and once at a time', async (t) => {
  const { file } = makeFile(t);
  let looks = 0;
  file.onLook = () => void looks++;
  file.descriptor();
  file.onGone = undefined;
  file.check();
  file.onGone = () => {};
  for (let i = 0; i < 3; i++) file.check();
  await until('it is looked at', () => looks > 0);
  file.check();
  await until('it is looked at again', () => looks > 1);
  t.is(looks, 2);
});

test('a file that cannot be looked at is not called lost', (t) => {
  const { path, file } = makeFile(t);
  file.path = join(path, 'below-a-file');
  t.is(file.lossNow(), undefined);
});

test('a file that nobody has opened may have been any file', (t) => {
  const { path, file, gone } = makeFile(t);
  replace(path, 'content');
  t.is(file.lossNow(), undefined);
  file.check();
  t.deepEqual(gone, []);
});

test('a file that is kept open because it was lost stays open when it is idle', (t) => {
  const { path, file } = makeFile(t);
  file.descriptor();
  fs.unlinkSync(path);
  file.onGone = () => {
    file.isPinned = true;
  };
  file.closeIdle();
  t.true(file.isOpen);
  file.isPinned = false;
});

test('what is written while a file is looked at is no loss', async (t) => {
  const { file, gone } = makeFile(t, '12345');
  file.descriptor();
  const look = () =>
    new Promise<void>((resolve) => {
      file.onLook = () => resolve();
      file.onGone = (why) => {
        gone.push(why);
        resolve();
      };
      file.check();
    });
  const sizes = { least: 7, most: 9 };
  file.leastBytes = () => sizes.least;
  file.mostBytes = () => sizes.most;
  let looked = look();
  sizes.least = 5;
  await looked;
  sizes.most = 4;
  looked = look();
  sizes.most = 5;
  await looked;
  t.deepEqual(gone, []);
  sizes.most = 4;
  await look();
  t.deepEqual(gone, ['was modified by another program']);
});

test('what a look at another path finds is nothing to a file', async (t) => {
  const { path, file, gone } = makeFile(t);
  let looks = 0;
  file.onLook = () => void looks++;
  file.descriptor();
  file.path = `${path}.missing`;
  file.check();
  file.path = path;
  await until('it is looked at where it is', () => {
    file.check();
    return looks > 0;
  });
  t.deepEqual(gone, []);
});
