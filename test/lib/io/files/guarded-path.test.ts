// Where root writes: what others put on the way before, and what they exchange while it is held.

import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { guardPath } from '../../../../src/lib/io/files/guarded-path.js';

const whenRoot = process.geteuid?.() === 0 && process.platform === 'linux' ? test : test.skip;
const theirs = 54321;

function makeFolders(t: ExecutionContext): { theirFolder: string; victim: string } {
  const top = fs.mkdtempSync(join(tmpdir(), 'dp-guarded-'));
  t.teardown(() => fs.rmSync(top, { recursive: true, force: true }));
  const [theirFolder, victim] = [join(top, 'theirs'), join(top, 'victim')];
  for (const folder of [theirFolder, victim]) fs.mkdirSync(folder);
  fs.chownSync(theirFolder, theirs, theirs);
  return { theirFolder, victim };
}

whenRoot('a folder that becomes a link after it was checked is still the folder', (t) => {
  const { theirFolder, victim } = makeFolders(t);
  fs.mkdirSync(join(theirFolder, 'a'));
  const { place, isForeign, release } = guardPath(join(theirFolder, 'a', 'file'));
  t.teardown(release);
  t.true(isForeign);
  fs.renameSync(join(theirFolder, 'a'), join(theirFolder, 'b'));
  fs.symlinkSync(victim, join(theirFolder, 'a'));
  fs.writeFileSync(place, 'x');
  t.deepEqual(fs.readdirSync(victim), []);
  t.deepEqual(fs.readdirSync(join(theirFolder, 'b')), ['file']);
});

whenRoot('links of others in a sticky folder, links to links, and circles', (t) => {
  const { theirFolder, victim } = makeFolders(t);
  const sticky = join(victim, 'sticky');
  fs.mkdirSync(sticky);
  fs.chmodSync(sticky, 0o1777);
  const link = (target: string, at: string, uid: number) => {
    fs.symlinkSync(target, at);
    fs.lchownSync(at, uid, uid);
  };
  link(victim, join(sticky, 'of-theirs'), theirs);
  link(victim, join(sticky, 'of-root'), 0);
  const refused = { code: 'link-not-followed' };
  t.throws(() => guardPath(join(sticky, 'of-theirs', 'x')), refused);
  guardPath(join(sticky, 'of-root', 'x')).release();
  link(victim, join(theirFolder, 'second'), theirs);
  link(join(theirFolder, 'second'), join(victim, 'first'), 0);
  t.throws(() => guardPath(join(victim, 'first', 'x')), refused);
  link('circle', join(victim, 'circle'), 0);
  t.throws(() => guardPath(join(victim, 'circle', 'x')), { code: 'ELOOP' });
  t.throws(() => guardPath(join(victim, 'missing', 'x')), { code: 'ENOENT' });
});
