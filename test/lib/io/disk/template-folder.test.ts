import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { Refusal } from '../../../../src/lib/core/errors.js';
import { countFrames } from '../../../../src/lib/core/protocol/frame.js';
import { TemplateFolder } from '../../../../src/lib/io/disk/template-folder.js';
import { until } from '../../../helpers/until.js';

const vectors = 'test/vectors/formats';
const plain = '!version=dp:4.25.1\n!title=A title\n1 resize {"right":100,"bottom":100}\n';

async function open(
  t: ExecutionContext,
  files: Record<string, string | Buffer>,
): Promise<{ path: string; folder: TemplateFolder; reports: string[] }> {
  const path = mkdtempSync(join(tmpdir(), 'dp-templates-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  const reports: string[] = [];
  const folder = await TemplateFolder.open({
    path,
    passwords: { hash: (password, done) => setImmediate(done, `plain;hashed ${password}`) },
    report: (level, message) => reports.push(`${level}: ${message}`),
  });
  t.teardown(async () => {
    await folder.close();
    rmSync(path, { recursive: true, force: true });
  });
  return { path, folder, reports };
}

test('a template of 2.3, with everything that its header can say', async (t) => {
  const { folder } = await open(t, { 'full.dptxt': readFileSync(`${vectors}/v23/template/full.dptxt`) });
  const template = folder.find('full')!;
  t.is(template.protocol, 'dp:4.25.1');
  t.is(template.saved.title, 'Full 2.3 template');
  t.is(template.saved.founder, 'tplfounder');
  t.is(template.saved.maxUserCount, 7);
  t.is(template.saved.opword, 'plain;tplop');
  t.regex(template.saved.password, /^plain;hashed /);
  t.true(template.saved.flags.has('persistent'));
  t.true(template.saved.flags.has('nsfm'));
  t.not(template.announce, '');
  const loaded = template.load();
  if ('error' in loaded) return t.fail(loaded.error);
  const [frames] = loaded.frames;
  t.is(countFrames(frames!, 0, frames!.length), loaded.count);
  return undefined;
});

test('templates of all kinds are offered under their aliases', async (t) => {
  const { folder, reports } = await open(t, {
    'v21.dptxt': readFileSync(`${vectors}/v21/template/withver.dptxt`),
    'v21b.x.dprec': readFileSync(`${vectors}/v21/template/withver.dprec`),
    'manual.dptxt': readFileSync(`${vectors}/v21/template/seed-example-rejected.dptxt`),
    'packed.dptxt.gz': gzipSync(plain),
    'packed2.dptxtz': gzipSync(plain),
    'notes.txt': 'nothing of ours',
    'half.dptxt.part': plain,
  });
  t.deepEqual(folder.all.map(({ alias, protocol }) => [alias, protocol]).sort(), [
    ['manual', 'dp:4.21.2'],
    ['packed', 'dp:4.25.1'],
    ['packed2', 'dp:4.25.1'],
    ['v21', 'dp:4.21.2'],
    ['v21b', 'dp:4.21.2'],
  ]);
  for (const template of folder.all) t.false('error' in template.load(), template.alias);
  t.deepEqual(reports, []);
});

test('what can not be used is listed with its error, the others are offered', async (t) => {
  const { folder, reports } = await open(t, {
    'good.dptxt': plain,
    'future.dptxt': plain.replace('4.25.1', '9.1.1'),
    'noise.dprec': Buffer.from('this is no recording'),
    'empty.dptxt': '!version=dp:4.25.1\n',
    'not an alias!.dptxt': plain,
    'bzip.dptxt.bz2': Buffer.from('BZh9 and so on'),
    'cut.dptxt.gz': gzipSync(plain).subarray(0, 30),
    'good.x.dptxt': plain.replace('A title', 'Another'),
  });
  t.deepEqual(
    folder.all.map(({ alias }) => alias),
    ['good'],
  );
  t.is(folder.find('good')!.saved.title, 'A title');
  const errors = new Map(folder.entries.map(({ file, error }) => [file, error]));
  t.is(errors.size, 8);
  t.is(errors.get('good.dptxt'), undefined);
  t.regex(errors.get('future.dptxt')!, /9\.1\.1/);
  t.regex(errors.get('empty.dptxt')!, /no message/);
  t.regex(errors.get('not an alias!.dptxt')!, /alias/);
  t.regex(errors.get('bzip.dptxt.bz2')!, /bzip2/);
  t.regex(errors.get('cut.dptxt.gz')!, /damaged or truncated/);
  t.regex(errors.get('good.x.dptxt')!, /good\.dptxt is used/);
  t.is(reports.filter((report) => report.includes('is ignored')).length, 6);
});

test('no folder is an error that says what to type', async (t) => {
  const error = await t.throwsAsync(
    TemplateFolder.open({ path: '/nowhere/at/all', passwords: { hash: () => {} }, report: () => {} }),
    { instanceOf: Refusal, message: 'there is no folder for templates at /nowhere/at/all' },
  );
  t.is((error as Refusal).hint, 'create it with: mkdir /nowhere/at/all');
});

test('files that come by copy or rename, change and go are noticed', async (t) => {
  const { path, folder } = await open(t, { 'first.dptxt': plain });
  folder.watch();
  const changes: string[] = [];
  folder.onChange = (alias) => void changes.push(alias);
  copyFileSync(join(path, 'first.dptxt'), join(path, 'copied.dptxt'));
  await until('the copy is found', () => folder.find('copied') !== undefined);
  writeFileSync(join(path, 'draft'), plain);
  renameSync(join(path, 'draft'), join(path, 'renamed.dptxt'));
  await until('the renamed one is found', () => folder.find('renamed') !== undefined);
  writeFileSync(join(path, 'first.dptxt'), plain.replace('A title', 'A longer title'));
  await until('the change is taken up', () => folder.find('first')?.saved.title === 'A longer title');
  const gone = folder.find('copied')!;
  rmSync(join(path, 'copied.dptxt'));
  await until('the removed one is gone', () => folder.find('copied') === undefined);
  t.deepEqual(changes, ['copied', 'renamed', 'first', 'copied']);
  const loaded = gone.load();
  t.true('error' in loaded);
});
