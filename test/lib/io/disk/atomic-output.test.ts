// Files that appear when they are complete: what is told when they cannot be.

import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import test from 'ava';
import { standardStream, writeOutput } from '../../../../src/lib/io/disk/atomic-output.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

function systemError(code: string): Error {
  const message = `${code}: words of the system, write`;
  return Object.assign(new Error(message), { code, syscall: 'write', errno: -1 });
}

async function* failing(code: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from('half');
  throw systemError(code);
}

for (const [code, told] of [
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the disk quota of this user is used up'],
] as const) {
  test(`${code} while a file is written: ${told}, and what was there stays`, async (t) => {
    const folder = tempFolder(t);
    const file = join(folder, 'a');
    writeFileSync(file, 'before');
    await t.throwsAsync(writeOutput(file, failing(code), { overwrites: true }), {
      code: 'disk-full',
      message: `there is no room for ${file}: ${told}`,
    });
    t.deepEqual(readdirSync(folder), ['a']);
  });
}

test('what else the system says is told without code and call', async (t) => {
  const file = join(tempFolder(t), 'a');
  await t.throwsAsync(writeOutput(file, failing('EIO')), {
    code: 'file-unwritable',
    message: `cannot write ${file}: words of the system`,
  });
  t.false(existsSync(file));
});

test('standard output on a full disk', async (t) => {
  const stdout = new Writable({ write: (_chunk, _encoding, done) => done(systemError('ENOSPC')) });
  await t.throwsAsync(writeOutput(standardStream, failing('EIO'), { stdout }), {
    code: 'disk-full',
    message: 'there is no room for standard output: the disk is full',
  });
});
