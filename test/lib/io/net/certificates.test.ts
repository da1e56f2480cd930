import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { Fault } from '../../../../src/lib/core/errors.js';
import {
  type CertificateFiles,
  Certificates,
  readCertificate,
} from '../../../../src/lib/io/net/certificates.js';
import { makeFolder, makePair, writePair } from '../../../helpers/certificates.js';
import { issuedCertificate } from '../../../helpers/issued-certificate.js';

// a little ahead: certificates are made while the tests run
const now = Date.now() + 60_000;
/** Later than whatever was made just now, whenever the test begins. */
const soon = () => Date.now() + 60_000;
const dayMs = 86_400_000;

function open(t: ExecutionContext, files: CertificateFiles, nowMs = soon) {
  const notes: string[] = [];
  const certificates = new Certificates(files, {
    nowMs,
    writeLog: (level, text) => notes.push(`${level}: ${text}`),
  });
  t.teardown(() => certificates.close());
  return { certificates, notes };
}

test('a sound pair is used without a word', async (t) => {
  const { certificates, notes } = open(t, writePair(makeFolder(t), await makePair()));
  t.truthy(certificates.context);
  t.deepEqual(notes, []);
});

test('a key of another certificate is refused', async (t) => {
  const files = writePair(makeFolder(t), await makePair());
  writeFileSync(files.key, (await makePair()).key);
  const error = t.throws(() => readCertificate(files, now), { instanceOf: Fault });
  t.regex(error.message, /does not belong to the certificate/);
});

test('missing and empty files are named', async (t) => {
  const files = writePair(makeFolder(t), await makePair());
  writeFileSync(files.certificate, 'nothing\n');
  t.throws(() => readCertificate(files, now), { message: /there is no certificate in .*cert\.pem/ });
  rmSync(files.certificate);
  t.throws(() => readCertificate(files, now), { message: /there is no certificate at .*cert\.pem/ });
});

test('a key with a passphrase is refused with what to do', async (t) => {
  const files = writePair(makeFolder(t), await makePair());
  writeFileSync(
    files.key,
    '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n',
  );
  const error = t.throws(() => readCertificate(files, now), { instanceOf: Fault });
  t.regex(error.message, /passphrase/);
});

test('an expired certificate is used, and named in the log', async (t) => {
  const pair = await makePair(10, now - 20 * dayMs);
  const { notes } = open(t, writePair(makeFolder(t), pair));
  t.is(notes.length, 1);
  t.regex(notes[0]!, /^warn: the certificate .* expired on \d{4}-/);
});

test('a certificate that runs out soon is named, at the start and a day later', async (t) => {
  let time = now;
  const pair = await makePair(100, now - 90 * dayMs - 1000);
  const { certificates, notes } = open(t, writePair(makeFolder(t), pair), () => time);
  t.regex(notes[0]!, /expires in 9 days/);
  certificates.look();
  t.is(notes.length, 1);
  time += dayMs;
  certificates.look();
  t.is(notes.length, 2);
  t.regex(notes[1]!, /expires in 8 days/);
});

test('a leaf without its chain is named; with the chain all is well', async (t) => {
  const { leaf, issuer, key } = await issuedCertificate();
  const files = writePair(makeFolder(t), { certificate: leaf, key });
  t.regex(readCertificate(files, soon()).warnings[0]!, /without that of its issuer \(CN=Test authority\)/);
  writeFileSync(files.certificate, `${leaf}\n${issuer}`);
  t.deepEqual(readCertificate(files, soon()).warnings, []);
});

test('a changed pair is taken; half of one is not', async (t) => {
  const files = writePair(makeFolder(t), await makePair());
  const { certificates, notes } = open(t, files);
  const first = certificates.leaf.fingerprint256;
  const next = await makePair();
  writeFileSync(files.certificate, next.certificate);
  certificates.look();
  t.is(certificates.leaf.fingerprint256, first, 'the key is still missing');
  t.deepEqual(notes, []);
  writeFileSync(files.key, next.key);
  certificates.look();
  t.not(certificates.leaf.fingerprint256, first);
  t.regex(notes[0]!, /^info: New certificate loaded/);
});

test('a pair that stays broken is named once, and the old one goes on', async (t) => {
  const files = writePair(makeFolder(t), await makePair());
  const { certificates, notes } = open(t, files);
  writeFileSync(files.key, (await makePair()).key);
  for (let look = 0; look < 10; look++) certificates.look();
  t.is(notes.length, 1);
  t.regex(notes[0]!, /^error: Cannot load the new certificate: the key .* does not belong/);
  t.false(certificates.reload());
});

test('files that can not be looked at any more do no harm', async (t) => {
  const files = writePair(makeFolder(t), await makePair());
  const { certificates, notes } = open(t, files);
  rmSync(files.key);
  symlinkSync(files.key, files.key);
  for (let look = 0; look < 6; look++) certificates.look();
  t.is(notes.length, 1);
  t.regex(notes[0]!, /^error: Cannot load the new certificate: .*; the old one stays in use/);
});
