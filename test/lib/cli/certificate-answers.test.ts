// Certificate files in the browser set-up: each thing that is wrong with them has its words, before anything is written.

import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import test from 'ava';
import type { Admin } from '../../../src/lib/admin/admin.js';
import { browserSetUp } from '../../../src/lib/cli/browser-set-up.js';
import { makeSelfSigned } from '../../../src/lib/io/net/self-signed.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const pairFor = (names: string[], days = 365, nowMs = Date.now()) => makeSelfSigned({ names, days, nowMs });
const good = pairFor(['draw.example.com', '*.sub.example.com']);
const other = pairFor(['draw.example.com']);
const day = 86_400_000;
const encrypted = generateKeyPairSync('ec', {
  namedCurve: 'prime256v1',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' },
}).privateKey;

async function setUpIn(folder: string) {
  const data = path.join(folder, 'data');
  const setUp = await browserSetUp(data, { HOME: folder }, async () => {
    throw new Error('started');
  });
  return { data, setUp };
}

const wrong: readonly [what: string, certificate: string, key: string, localHost: string, words: RegExp][] = [
  ['a key of another certificate', good.certificate, other.key, '', /does not belong to the certificate/],
  [
    'an expired certificate',
    ...fieldsOf(pairFor(['a.example'], 10, Date.now() - 20 * day)),
    '',
    /expired on \d{4}-/,
  ],
  [
    'one that is not valid yet',
    ...fieldsOf(pairFor(['a.example'], 10, Date.now() + 20 * day)),
    '',
    /not valid before/,
  ],
  [
    'another name',
    good.certificate,
    good.key,
    'art.example.com',
    /not for art\.example\.com; it is for: draw/,
  ],
  ['a name below a wildcard’s', good.certificate, good.key, 'a.b.sub.example.com', /not for a\.b\.sub/],
  ['a key with a password', good.certificate, encrypted, '', /passphrase/],
  ['no certificate', 'nonsense', good.key, '', /certificate/],
  ['half a certificate', good.certificate.slice(0, 300), good.key, '', /certificate/],
  ['no key', good.certificate, 'nonsense', '', /key/],
  ['the two exchanged', good.key, good.certificate, '', /certificate/],
];

function fieldsOf({ certificate, key }: { certificate: string; key: string }): [string, string] {
  return [certificate, key];
}

for (const [what, certificate, key, localHost, words] of wrong) {
  test(`${what} is refused, as texts and as files`, async (t) => {
    const folder = tempFolder(t);
    const { data, setUp } = await setUpIn(folder);
    const answers = { tls: 'files', localHost } as const;
    await t.throwsAsync(setUp.preview({ ...answers, certificateTexts: { certificate, key } }), {
      message: words,
    });
    const files = { certificate: path.join(folder, 'c.pem'), key: path.join(folder, 'k.pem') };
    writeFileSync(files.certificate, certificate);
    writeFileSync(files.key, key);
    await t.throwsAsync(setUp.preview({ ...answers, certificateFiles: files }), { message: words });
    t.false(existsSync(data), 'nothing is written');
  });
}

test('files that are not there, and none at all, have their words', async (t) => {
  const folder = tempFolder(t);
  const { setUp } = await setUpIn(folder);
  const certificateFiles = { certificate: path.join(folder, 'no.pem'), key: path.join(folder, 'none.pem') };
  await t.throwsAsync(setUp.preview({ tls: 'files', certificateFiles }), { message: /no\.pem/ });
  await t.throwsAsync(setUp.preview({ tls: 'files' }), { message: /certificate and its key/ });
});

test('a good pair is described, and written where only the server reads its key', async (t) => {
  const folder = tempFolder(t);
  const { data, setUp } = await setUpIn(folder);
  for (const localHost of ['draw.example.com', 'any.sub.example.com', '']) {
    const lines = await setUp.preview({ tls: 'files', localHost, certificateTexts: good });
    t.true(
      lines.some((line) => /^certificate for draw\.example\.com, .*, valid until \d{4}-/.test(line)),
      localHost,
    );
  }
  t.false(existsSync(data));
  const answers = { tls: 'files', localHost: 'draw.example.com', certificateTexts: good } as const;
  await t.throwsAsync<Error>(setUp.finish(answers) as Promise<{ admin: Admin }>, { message: 'started' });
  t.is(readFileSync(path.join(data, 'key.pem'), 'utf8'), good.key);
  t.is(statSync(path.join(data, 'key.pem')).mode & 0o077, 0);
  t.is(readFileSync(path.join(data, 'cert.pem'), 'utf8'), good.certificate);
  t.regex(readFileSync(path.join(data, 'serve.env'), 'utf8'), /DP_SSL_CERT=.*cert\.pem/);
  const again = await setUpIn(folder);
  await t.throwsAsync(
    again.setUp.preview(answers),
    { message: /in the way/ },
    'what is there is not replaced',
  );
});

test('files that are named stay where they are', async (t) => {
  const folder = tempFolder(t);
  const { data, setUp } = await setUpIn(folder);
  const files = { certificate: path.join(folder, 'c.pem'), key: path.join(folder, 'k.pem') };
  writeFileSync(files.certificate, good.certificate);
  writeFileSync(files.key, good.key);
  const lines = await setUp.preview({ tls: 'files', certificateFiles: files });
  t.true(lines.includes(`serve.env DP_SSL_CERT=${files.certificate}`));
  await t.throwsAsync(setUp.finish({ tls: 'files', certificateFiles: files }), { message: 'started' });
  t.false(existsSync(path.join(data, 'cert.pem')));
});
