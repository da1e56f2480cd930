// The history of an open session that somebody else cuts, replaces, writes to or takes away with its folder: noticed
// within ten seconds, told, and all of it is in a sound file afterwards.
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  promises,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { readJournal } from '../../../../src/lib/core/session/journal-reading.js';
import type { History, OpenedSession } from '../../../../src/lib/core/session/needs.js';
import { Disk } from '../../../../src/lib/io/disk/disk.js';
import { add, numbered, readAll, settle } from '../../../contracts/history.js';
import { reportedFolder } from '../../../helpers/reported-folder.js';
import { until } from '../../../helpers/until.js';

const id = '01m8112ne3k0d1f6kr701npyym';
/** Within ten seconds: sweeps come once a second. */
const sweepsAtMost = 10;

function openFolder(t: ExecutionContext, path: string) {
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return reportedFolder(t, path, new Disk('os', () => 0));
}

/** Sweeps are so far apart that a look at the disk is done before the next one. */
async function looked(): Promise<void> {
  for (let i = 0; i < 8; i++) {
    await promises.stat('.');
    await turn();
  }
}

function zeros(file: string, at: number, count: number): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, Buffer.alloc(count), 0, count, at);
  closeSync(descriptor);
}

/** `isGone`: what was in the file is gone where nobody has it in memory any more. */
const harms: Record<
  string,
  { harm: (file: string, folder: string) => void; told: RegExp; isGone?: boolean }
> = {
  'cut in the middle': {
    harm: (file) => truncateSync(file, 100),
    told: /\.dprec was truncated/,
    isGone: true,
  },
  emptied: { harm: (file) => truncateSync(file, 0), told: /\.dprec was truncated/, isGone: true },
  'appended to by another program': {
    harm: (file) => appendFileSync(file, Buffer.alloc(300, 1)),
    told: /\.dprec was modified by another program/,
  },
  'overwritten with zeros at its head': {
    harm: (file) => zeros(file, 0, 60),
    told: /\.dprec was overwritten: its first \d+ bytes differ from what was written/,
    isGone: true,
  },
  'overwritten with zeros in its header only': {
    harm: (file) => zeros(file, 0, 20),
    told: /\.dprec was overwritten: its first \d+ bytes differ from what was written/,
  },
  'overwritten with zeros at its end': {
    harm: (file) => zeros(file, readFileSync(file).length - 100, 100),
    told: /\.dprec was overwritten: its first \d+ bytes differ from what was written/,
    isGone: true,
  },
  'replaced by another file': {
    harm(file) {
      writeFileSync(`${file}.x`, 'something else');
      renameSync(`${file}.x`, file);
    },
    told: /\.dprec was replaced by another file/,
  },
  'taken away with its folder': {
    harm: (_file, folder) => renameSync(folder, `${folder}.away`),
    told: /was deleted or moved/,
  },
};

for (const [what, { harm, told, isGone }] of Object.entries(harms)) {
  for (const isBusy of [false, true]) {
    test(`the history of ${isBusy ? 'a busy' : 'a quiet'} session that is ${what} is noticed and written anew`, async (t) => {
      const path = mkdtempSync(join(tmpdir(), 'dp-harmed-'));
      t.teardown(() => rmSync(`${path}.away`, { recursive: true, force: true }));
      const { folder, disk, reports } = openFolder(t, path);
      const stored = folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'alice' });
      stored.journal.write({ key: 'flags', flags: ['persistent'] });
      for (let i = 0; i < 20; i++) add(stored.history, numbered(i));
      await settle(stored.history);
      // A second goes by: there is a print of it.
      disk.sweep();
      const printed = () => readJournal(id, readFileSync(join(path, `${id}.session`))).saved.prints.length;
      await until('there is a print', () => printed() > 0);
      // Somebody reads it: it is in memory.
      await readAll(stored.history, stored.history.cursorAt(0));
      harm(join(path, `${id}.dprec`), path);
      let count = 20;
      const named = () => {
        try {
          return readJournal(id, readFileSync(join(path, `${id}.session`))).fileNames.at(-1);
        } catch {
          return undefined;
        }
      };
      for (let second = 0; second < sweepsAtMost; second++) {
        disk.sweep();
        if (isBusy) {
          add(stored.history, numbered(count++));
          stored.history.flush();
        }
        await looked();
      }
      t.true(
        reports.some((report) => told.test(report)),
        reports.join('\n'),
      );
      // In a quiet session nothing of it is in memory after two seconds.
      if (isGone && !isBusy) return;
      await until('the history is in a new file', () => named() === `${id}_r2.dprec`);
      await settle(stored.history);
      const numbers = Array.from({ length: count }, (_, i) => i);
      t.deepEqual(await readAll(stored.history, stored.history.cursorAt(0)), numbers);
      await folder.stop();
      // What a server finds afterwards.
      const left = mkdtempSync(join(tmpdir(), 'dp-harmed-'));
      for (const name of [`${id}.session`, `${id}_r2.dprec`])
        copyFileSync(join(path, name), join(left, name));
      const again = openFolder(t, left);
      const [found] = again.folder.load();
      await new Promise((resolve) => found!.open(resolve));
      t.deepEqual(await readAll(found!.history, found!.history.cursorAt(0)), numbers);
    });
  }
}

/** Many messages, of which none is in memory any more. */
async function large(t: ExecutionContext, count: number) {
  const path = mkdtempSync(join(tmpdir(), 'dp-harmed-'));
  const { folder, disk, reports } = openFolder(t, path);
  const stored = folder.create({ id, protocol: 'dp:4.25.1', alias: '', founder: 'alice' });
  stored.journal.write({ key: 'flags', flags: ['persistent'] });
  for (let i = 0; i < count; i++) add(stored.history, said(i));
  await settle(stored.history);
  for (let second = 0; second < 4; second++) {
    disk.sweep();
    await looked();
  }
  t.false((stored.history as unknown as { isResident: boolean }).isResident);
  return { path, folder, disk, reports, stored, file: join(path, `${id}.dprec`) };
}

/** A chat message that is sound in a recording, of about 100 bytes, with its number. */
function said(number: number): Buffer {
  const text = `${number}`.padStart(94, '.');
  const frame = Buffer.alloc(4 + 2 + text.length);
  frame.writeUInt16BE(2 + text.length, 0);
  frame[2] = 35;
  frame[3] = 1;
  frame.write(text, 6);
  return frame;
}

const saidIn = (bytes: Uint8Array): number[] =>
  [
    ...Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/\.(\d+)(?=\0|$)/g),
  ].map(([, number]) => Number(number));

const numbersRead = async (history: History): Promise<number[]> => {
  const cursor = history.cursorAt(0);
  const pieces: Uint8Array[] = [];
  await until('all of it is read', () => {
    for (let slice = history.read(cursor); slice; slice = history.read(cursor)) pieces.push(slice);
    return cursor.index > history.lastIndex;
  });
  return saidIn(Buffer.concat(pieces));
};

const messages = 8000;
/** What is done to a large history, and which of its messages are there at least and at most afterwards. */
const largeHarms: Record<
  string,
  { harm: (file: string) => void; least: (number: number) => boolean; most?: (number: number) => boolean }
> = {
  'cut in the middle': {
    harm: (file) => truncateSync(file, 400_000),
    least: (number) => number < 3990,
    most: (number) => number < 4000,
  },
  'cut to its header': { harm: (file) => truncateSync(file, 60), least: () => false, most: () => false },
  emptied: { harm: (file) => truncateSync(file, 0), least: () => false, most: () => false },
  'overwritten with zeros at its head': {
    harm: (file) => zeros(file, 0, 4096),
    least: (number) => number > 60,
    most: (number) => number > 39,
  },
  'overwritten with zeros in the middle, which nobody notices before it is read': {
    harm: (file) => zeros(file, 400_000, 1000),
    least: (number) => number < 3900 || number > 4100,
  },
};

for (const [what, { harm, least, most = () => true }] of Object.entries(largeHarms)) {
  test(`a large history that is ${what} while it is open is written anew as soon as that is noticed: a kill costs nothing more`, async (t) => {
    const { path, disk, reports, stored, file } = await large(t, messages);
    const { history } = stored;
    // Somebody who reads slowly, and somebody who has read everything.
    const slow = history.cursorAt(2000);
    const quick = history.cursorAt(messages);
    harm(file);
    const newest = join(path, `${id}_r2.dprec`);
    const named = () => readJournal(id, readFileSync(join(path, `${id}.session`))).fileNames.at(-1);
    let number = messages;
    await until('it is in a new file', () => {
      disk.sweep();
      history.read(history.cursorAt(4000));
      if (number < messages + 5) {
        add(history, said(number++));
        history.flush();
      }
      return named() === `${id}_r2.dprec`;
    });
    for (let i = 0; i < 20; i++) add(history, said(number++));
    history.flush();
    await until('all is written', () => saidIn(readFileSync(newest)).includes(number - 1));
    t.is(history.lastIndex, number - 1, 'messages keep their numbers');
    // As it is now, the server is killed: what is there?
    const left = saidIn(readFileSync(newest));
    for (let i = 0; i < number; i++) {
      if (i >= messages || least(i)) t.true(left.includes(i), `${i} is missing`);
      else if (!most(i)) t.false(left.includes(i), `${i} is there`);
    }
    t.deepEqual(
      left,
      [...left].sort((a, b) => a - b),
    );
    t.regex(reports.join('\n'), /error: \d+ bytes of this session are lost: .* was modified/);
    t.true(readdirSync(path).includes(`${id}.dprec.damaged`));
    // Whoever joins gets all of that, whoever was there what came since, and whoever waits goes on.
    t.deepEqual(await numbersRead(history), left);
    const seen = saidIn(history.read(quick) ?? Buffer.alloc(0));
    t.deepEqual(
      seen,
      Array.from({ length: seen.length }, (_, i) => messages + i),
    );
    t.true(seen.length > 0);
    await until('the slow one goes on', () => {
      history.read(slow);
      return slow.index > history.lastIndex;
    });
    // It goes on as any other: out of memory, reset, closed, opened.
    for (let second = 0; second < 4; second++) {
      disk.sweep();
      await looked();
    }
    t.deepEqual(await numbersRead(history), left);
    const copy = mkdtempSync(join(tmpdir(), 'dp-harmed-'));
    for (const name of readdirSync(path)) copyFileSync(join(path, name), join(copy, name));
    const [found] = openFolder(t, copy).folder.load();
    await new Promise((resolve) => found!.open(resolve));
    t.deepEqual(await numbersRead(found!.history), left);
  });

  for (const isNoticed of [true, false]) {
    test(`a large history that is ${what} while it is open, ${isNoticed ? 'noticed before' : 'noticed at'} the next message, has no hole when it is closed`, async (t) => {
      const { path, folder, disk, reports, stored, file } = await large(t, messages);
      harm(file);
      if (isNoticed) {
        for (let second = 0; second < sweepsAtMost; second++) {
          disk.sweep();
          await looked();
        }
      }
      if (what.includes('read')) {
        const cursor = stored.history.cursorAt(0);
        for (let i = 0; i < 2000 && cursor.index <= stored.history.lastIndex; i++) {
          stored.history.read(cursor);
          await turn();
        }
      }
      for (let i = messages; i < messages + 20; i++) add(stored.history, said(i));
      stored.history.flush();
      await folder.stop();
      const written = readdirSync(path).filter((name) => /_r2\.dprec$/.test(name));
      // Zeros that nobody has read are in nobody's way before the next start, which looks at them.
      if (written.length === 0) {
        t.false(isNoticed);
        t.true(what.includes('zeros'));
        return;
      }
      const bytes = readFileSync(join(path, `${id}_r2.dprec`));
      // A message of which the inside was overwritten is one all the same.
      t.false(bytes.includes(Buffer.alloc(200)), 'a hole');
      const numbers = saidIn(bytes);
      const expected = Array.from({ length: messages + 20 }, (_, i) => i);
      t.deepEqual(
        numbers,
        expected.filter((number) => numbers.includes(number)),
      );
      for (const number of expected) {
        if (number >= messages || least(number)) t.true(numbers.includes(number), `${number} is missing`);
        else if (!most(number)) t.false(numbers.includes(number), `${number} is there`);
      }
      const told = reports.find((report) => / bytes of this session are lost: .* was modified/.test(report));
      t.regex(told ?? reports.join('\n'), /^error: \d+ bytes/);
      // The next server opens it, and what was left of the old file is there to look at.
      t.true(readdirSync(path).includes(`${id}.dprec.damaged`));
      const left = mkdtempSync(join(tmpdir(), 'dp-harmed-'));
      for (const name of readdirSync(path)) copyFileSync(join(path, name), join(left, name));
      const again = openFolder(t, left);
      const [found] = again.folder.load();
      const opened = await new Promise<OpenedSession>((resolve) => found!.open(resolve));
      t.false('error' in opened);
      const insideGone = found!.history.lastIndex + 1 - numbers.length;
      t.true(insideGone === 0 || insideGone === 1, `${insideGone}`);
    });
  }
}
