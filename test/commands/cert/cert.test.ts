import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import test from 'ava';
import CertCreate from '../../../src/commands/cert/create.js';
import CertShow from '../../../src/commands/cert/show.js';
import { makeFolder, makePair } from '../../helpers/certificates.js';
import { issuedCertificate } from '../../helpers/issued-certificate.js';
import { runCommand } from '../../helpers/run-command.js';

CertCreate.id = 'cert:create';
CertShow.id = 'cert:show';

test('a certificate is made for names and addresses, and its key is for the owner only', async (t) => {
  const folder = makeFolder(t);
  const certificate = path.join(folder, 'new', 'c.pem');
  const key = path.join(folder, 'new', 'k.pem');
  const files = ['--ssl-cert', certificate, '--ssl-key', key];
  const made = await runCommand(CertCreate, ['draw.example.com', '192.0.2.7', '2001:db8::7', ...files]);
  t.is(made.stderr, '');
  t.is(made.status, 0);
  t.is(statSync(key).mode & 0o777, 0o600);
  const shown = await runCommand(CertShow, [certificate, '--ssl-key', key, '--json']);
  t.is(shown.status, 0);
  const report = shown.json<{ names: string[]; isSelfSigned: boolean; keyType: string; daysLeft: number }>();
  t.deepEqual(report.names.slice(0, 2), ['draw.example.com', '192.0.2.7']);
  t.is(report.names.length, 3);
  t.true(report.isSelfSigned);
  t.is(report.keyType, 'ec prime256v1');
  t.true(report.daysLeft >= 3649);
});

test('a renewal keeps key and names', async (t) => {
  const folder = makeFolder(t);
  const files = ['--ssl-cert', path.join(folder, 'c.pem'), '--ssl-key', path.join(folder, 'k.pem')];
  await runCommand(CertCreate, ['draw.example.com', ...files]);
  const key = readFileSync(path.join(folder, 'k.pem'), 'utf8');
  const before = readFileSync(path.join(folder, 'c.pem'), 'utf8');
  const again = await runCommand(CertCreate, [...files, '--json', '--force']);
  t.like(again.json(), { keptKey: true, names: ['draw.example.com'] });
  t.is(readFileSync(path.join(folder, 'k.pem'), 'utf8'), key);
  t.not(readFileSync(path.join(folder, 'c.pem'), 'utf8'), before);
  const shown = await runCommand(CertShow, [
    path.join(folder, 'c.pem'),
    '--ssl-key',
    path.join(folder, 'k.pem'),
  ]);
  t.is(shown.status, 0);
  await runCommand(CertCreate, [...files, '--new-key', '--force']);
  t.not(readFileSync(path.join(folder, 'k.pem'), 'utf8'), key);
});

test('only a regular file is replaced by a key or certificate', async (t) => {
  const folder = makeFolder(t);
  const [certificate, key] = [path.join(folder, 'c.pem'), path.join(folder, 'k.pem')];
  const fifo = path.join(folder, 'fifo');
  execFileSync('mkfifo', [fifo]);
  for (const [files, refused] of [
    [[certificate, fifo], `cannot replace ${fifo}: it is a named pipe (FIFO), not a regular file`],
    [[fifo, key], `cannot replace ${fifo}: it is a named pipe (FIFO), not a regular file`],
    [[certificate, '/dev/null'], 'cannot replace /dev/null: it is a device, not a regular file'],
    [[certificate, folder], `cannot replace ${folder}: it is a folder, not a regular file`],
  ] as const) {
    const more = ['--ssl-cert', files[0], '--ssl-key', files[1], '--new-key', '--force'];
    const ran = await runCommand(CertCreate, ['draw.example.com', ...more]);
    t.is(ran.status, 2);
    t.true(ran.stderr.includes(refused), ran.stderr);
  }
  t.deepEqual(readdirSync(folder), ['fifo']);
  t.true(lstatSync(fifo).isFIFO());
});

test("somebody else's certificate is not replaced unless told to", async (t) => {
  const folder = makeFolder(t);
  const { leaf, issuer, key } = await issuedCertificate();
  writeFileSync(path.join(folder, 'c.pem'), leaf + issuer);
  writeFileSync(path.join(folder, 'k.pem'), key);
  const files = ['--ssl-cert', path.join(folder, 'c.pem'), '--ssl-key', path.join(folder, 'k.pem')];
  const refused = await runCommand(CertCreate, ['localhost', ...files]);
  t.is(refused.status, 6);
  t.regex(refused.stderr, /was not created by dp: it is signed by CN=Test authority/);
  t.is((await runCommand(CertCreate, ['localhost', ...files, '--force'])).status, 0);
});

test('what is no name is refused', async (t) => {
  const folder = makeFolder(t);
  const files = ['--ssl-cert', path.join(folder, 'c.pem'), '--ssl-key', path.join(folder, 'k.pem')];
  const refused = await runCommand(CertCreate, ['https://draw.example.com/', ...files]);
  t.is(refused.status, 2);
  t.regex(refused.stderr, /invalid host name or address/);
});

test('an expired certificate is shown with status 7', async (t) => {
  const folder = makeFolder(t);
  const pair = await makePair(1, Date.now() - 3 * 86_400_000);
  writeFileSync(path.join(folder, 'c.pem'), pair.certificate);
  const shown = await runCommand(CertShow, [path.join(folder, 'c.pem')]);
  t.is(shown.status, 7);
  t.regex(shown.stdout, /problem +the certificate .* expired on /);
});

test('without a certificate the way to one is said', async (t) => {
  const shown = await runCommand(CertShow, [path.join(makeFolder(t), 'c.pem')]);
  t.is(shown.status, 4);
  t.regex(shown.stderr, /dp cert create/);
});

test('a valid certificate is not replaced without a word: users of 2.3 have pinned it', async (t) => {
  const folder = makeFolder(t);
  const files = ['--ssl-cert', path.join(folder, 'c.pem'), '--ssl-key', path.join(folder, 'k.pem')];
  await runCommand(CertCreate, ['draw.example.com', ...files]);
  const before = readFileSync(path.join(folder, 'c.pem'), 'utf8');
  const refused = await runCommand(CertCreate, files);
  t.is(refused.status, 6);
  t.regex(refused.stderr, /certificate has changed!.*--force/s);
  t.is(readFileSync(path.join(folder, 'c.pem'), 'utf8'), before);
});

test('a certificate that is about to expire is renewed without a question', async (t) => {
  const folder = makeFolder(t);
  const files = ['--ssl-cert', path.join(folder, 'c.pem'), '--ssl-key', path.join(folder, 'k.pem')];
  await runCommand(CertCreate, ['draw.example.com', '--days', '20', ...files]);
  t.is((await runCommand(CertCreate, files)).status, 0);
});
