// The picture of a session as a file: the newest one, written or removed, whatever fails on the way.

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Disk, lastTries } from '../../../../src/lib/io/disk/disk.js';
import { ThumbnailFile } from '../../../../src/lib/io/disk/thumbnail-file.js';
import { systemError, watchFolder } from '../../../helpers/disk-faults.js';
import { tempFolder } from '../../../helpers/temp-folder.js';
import { until } from '../../../helpers/until.js';

function makeFile(t: ExecutionContext) {
  const folder = tempFolder(t);
  const path = join(folder, 'a.thumbnail');
  /** What is to be tried again, when the test says so. */
  const retries = new Set<() => void>();
  const options: unknown[] = [];
  const disk = {
    retryLater: (run: () => void, how: unknown) => {
      options.push(how);
      retries.add(run);
    },
    forgetRetry: (run: () => void) => void retries.delete(run),
  } as unknown as Disk;
  const failures: string[] = [];
  const file = new ThumbnailFile(disk, path, ({ message }) => failures.push(message));
  const retry = async () => {
    await until('it waits', () => retries.size === 1);
    const [run] = retries;
    retries.clear();
    run?.();
  };
  const removed = () => new Promise<Error | undefined>((resolve) => file.remove(resolve));
  const loaded = () =>
    new Promise<string | undefined>((resolve) =>
      file.load((found) => resolve(found && Buffer.from(found.bytes).toString())),
    );
  return { folder, path, file, failures, retries, options, retry, removed, loaded };
}

/** Lets calls of these names fail until the function that it answers with is called. */
function failing(folder: string, ...names: string[]): () => void {
  return watchFolder(folder, (call) => {
    if (names.includes(call.name)) throw systemError('EIO', call);
  });
}

test('a picture is there as it was saved, for whom the files of a session are', async (t) => {
  const { folder, path, file, loaded } = makeFile(t);
  t.is(await loaded(), undefined);
  file.save(Buffer.from('one'));
  await file.whenIdle();
  t.is(await loaded(), 'one');
  t.deepEqual(readdirSync(folder), ['a.thumbnail']);
  t.is(statSync(path).mode & 0o007, 0);
  await new Promise<void>((resolve) =>
    file.load((found) => {
      t.is(found?.at, statSync(path).mtimeMs);
      resolve();
    }),
  );
});

test('of pictures that come while one is written the last one is there', async (t) => {
  const { file, loaded } = makeFile(t);
  for (const text of ['one', 'two', 'three']) file.save(Buffer.from(text));
  await file.whenIdle();
  t.is(await loaded(), 'three');
  file.save(Buffer.from('four'));
  await file.whenIdle();
  t.is(await loaded(), 'four');
});

test("an older draft is in nobody's way, and a link of its name is not followed", async (t) => {
  const { folder, path, file, loaded } = makeFile(t);
  const other = join(folder, 'other');
  writeFileSync(other, 'untouched');
  symlinkSync(other, `${path}.new`);
  file.save(Buffer.from('one'));
  await file.whenIdle();
  t.is(await loaded(), 'one');
  t.is(readFileSync(other, 'utf8'), 'untouched');
});

test('what cannot be written is tried again, and is there when it can', async (t) => {
  const { folder, file, failures, options, retry, loaded } = makeFile(t);
  const heal = failing(folder, 'writeFile');
  file.save(Buffer.from('one'));
  await retry();
  await until('it has failed again', () => options.length === 2);
  t.deepEqual(options, [{ isLast: true }, { isLast: true }]);
  heal();
  const idle = file.whenIdle();
  await retry();
  await idle;
  t.is(await loaded(), 'one');
  t.deepEqual(failures, []);
  t.deepEqual(readdirSync(folder), ['a.thumbnail']);
});

for (const call of ['writeFile', 'rename']) {
  test(`what cannot be written at last is said once, after ${lastTries} more tries: ${call}`, async (t) => {
    const { folder, file, failures, options, retry } = makeFile(t);
    failing(folder, call);
    file.save(Buffer.from('one'));
    const idle = file.whenIdle();
    for (let i = 0; i < lastTries; i++) {
      t.deepEqual(failures, []);
      await retry();
    }
    await idle;
    t.is(options.length, lastTries);
    t.is(failures.length, 1);
    t.regex(failures[0] ?? '', /EIO/);
    await file.whenIdle();
  });
}

test('a newer picture takes the place of one that waits, and is tried as often', async (t) => {
  const { folder, file, failures, options, retry } = makeFile(t);
  failing(folder, 'writeFile');
  file.save(Buffer.from('one'));
  await retry();
  await until('it has failed again', () => options.length === 2);
  file.save(Buffer.from('two'));
  const idle = file.whenIdle();
  for (let i = 0; i <= lastTries; i++) {
    t.deepEqual(failures, []);
    await retry();
  }
  await idle;
  t.is(options.length, 2 + lastTries);
  t.is(failures.length, 1);
});

test('a newer picture is written while an older one fails', async (t) => {
  const { folder, file, retry, loaded } = makeFile(t);
  let open: (() => void) | undefined;
  const heal = watchFolder(folder, async (call) => {
    if (call.name !== 'writeFile') return;
    await new Promise<void>((resolve) => {
      open = resolve;
    });
    throw systemError('EIO', call);
  });
  file.save(Buffer.from('one'));
  await until('it is being written', () => open !== undefined);
  file.save(Buffer.from('two'));
  heal();
  open?.();
  const idle = file.whenIdle();
  await retry();
  await idle;
  t.is(await loaded(), 'two');
});

test('a picture that was removed is not there, and one that was never there is removed as well', async (t) => {
  const { path, file, removed } = makeFile(t);
  t.is(await removed(), undefined);
  file.save(Buffer.from('one'));
  await file.whenIdle();
  t.is(await removed(), undefined);
  t.false(existsSync(path));
  file.save(Buffer.from('two'));
  t.is(await removed(), undefined, 'also one that is being written');
  await file.whenIdle();
  t.false(existsSync(path));
});

test('who removes a picture learns what is in the way', async (t) => {
  const { path, removed } = makeFile(t);
  mkdirSync(path);
  const error = await removed();
  t.true(error instanceof Error);
});

test('removing ends what waits to be tried again, and a picture that comes then is written', async (t) => {
  const { folder, path, file, failures, retries, removed, loaded } = makeFile(t);
  const heal = failing(folder, 'writeFile');
  file.save(Buffer.from('one'));
  await until('it waits', () => retries.size === 1);
  heal();
  t.is(await removed(), undefined);
  t.is(retries.size, 0);
  await file.whenIdle();
  t.false(existsSync(path));
  const both = removed();
  file.save(Buffer.from('two'));
  await both;
  await file.whenIdle();
  t.is(await loaded(), 'two');
  t.deepEqual(failures, []);
});

test('removing while a write fails leaves nothing and is no failure', async (t) => {
  const { folder, path, file, failures, retries } = makeFile(t);
  let open: (() => void) | undefined;
  watchFolder(folder, async (call) => {
    if (call.name !== 'writeFile') return;
    await new Promise<void>((resolve) => {
      open = resolve;
    });
    throw systemError('EIO', call);
  });
  file.save(Buffer.from('one'));
  await until('it is being written', () => open !== undefined);
  const removed = new Promise<Error | undefined>((resolve) => file.remove(resolve));
  open?.();
  t.is(await removed, undefined);
  await file.whenIdle();
  t.false(existsSync(path));
  t.is(retries.size, 0);
  t.deepEqual(failures, []);
});

test('when nobody needs it any more nothing waits', async (t) => {
  const { folder, file, retries, failures } = makeFile(t);
  failing(folder, 'writeFile');
  file.save(Buffer.from('one'));
  await until('it waits', () => retries.size === 1);
  const idle = file.whenIdle();
  file.forget();
  await idle;
  t.is(retries.size, 0);
  t.deepEqual(failures, []);
  file.forget();
  await file.whenIdle();
});
