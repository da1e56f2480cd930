// Certificates that are made here, as others read them: Node, openssl, and TLS connections that check them.
import { spawnSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import * as tls from 'node:tls';
import test from 'ava';
import { makeSelfSigned, namesOf } from '../../../../src/lib/io/net/self-signed.js';
import { makeFolder } from '../../../helpers/certificates.js';

const dayMs = 86_400_000;
const nowMs = Math.floor(Date.now() / 1000) * 1000;
const names = [
  'draw.example.org',
  '*.example.org',
  'localhost',
  '127.0.0.1',
  '2001:db8::1',
  'münchen.example',
];

const keys: Readonly<Record<string, () => KeyObject | undefined>> = {
  'a new one': () => undefined,
  'RSA 2048': () => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  'P-256': () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  'P-384': () => generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey,
  Ed25519: () => generateKeyPairSync('ed25519').privateKey,
};

for (const [kind, make] of Object.entries(keys)) {
  test(`a key, ${kind}: the certificate has what was requested, and a client trusts it`, async (t) => {
    const key = make();
    const made = makeSelfSigned({ names, days: 90, nowMs, ...(key && { key }) });
    const read = new X509Certificate(made.certificate);
    t.is(read.subject, `CN=${names[0]}`);
    t.is(read.issuer, read.subject);
    t.true(read.verify(read.publicKey));
    t.false(read.ca);
    t.deepEqual(namesOf(read), [
      'draw.example.org',
      '*.example.org',
      'localhost',
      '127.0.0.1',
      '2001:DB8:0:0:0:0:0:1',
      'xn--mnchen-3ya.example',
    ]);
    t.is(read.checkHost('other.example.org'), '*.example.org');
    t.is(read.checkHost('example.net'), undefined);
    t.is(read.checkIP('2001:db8::1'), '2001:db8::1');
    t.is(Date.parse(read.validFrom), nowMs - 3_600_000);
    t.is(Date.parse(read.validTo), nowMs + 90 * dayMs);
    if (key) t.true(read.publicKey.equals(createPublicKey(key)));

    const server = tls.createServer({ cert: made.certificate, key: made.key }, (socket) =>
      socket.end('hello'),
    );
    t.teardown(() => server.close());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = tls.connect({ port, host: '127.0.0.1', servername: 'localhost', ca: made.certificate });
    const [data] = (await once(client, 'data')) as [Buffer];
    t.is(data.toString(), 'hello');
    t.true(client.authorized);
  });
}

const withOpenssl =
  spawnSync('openssl', ['version']).status === 0 || process.env.CI === 'true' ? test : test.skip;

withOpenssl('openssl reads all of it and finds nothing wrong', (t) => {
  const file = path.join(makeFolder(t), 'cert.pem');
  writeFileSync(file, makeSelfSigned({ names, days: 10, nowMs }).certificate);
  const run = (...argv: string[]) => spawnSync('openssl', argv, { encoding: 'utf8' });
  const verified = run('verify', '-x509_strict', '-purpose', 'sslserver', '-CAfile', file, file);
  t.is(verified.stdout.trim(), `${file}: OK`, verified.stderr);
  const { stdout } = run('x509', '-in', file, '-noout', '-text');
  t.regex(stdout, /Version: 3 /);
  t.regex(stdout, /Basic Constraints: critical\s+CA:FALSE/);
  t.regex(stdout, /Key Usage: critical\s+Digital Signature\n/);
  t.regex(stdout, /Extended Key Usage:\s+TLS Web Server Authentication/);
  t.regex(stdout, /IP Address:127\.0\.0\.1, IP Address:2001:DB8:0:0:0:0:0:1/);
});

test('each has a serial number of its own, and it is positive', (t) => {
  const serials = Array.from({ length: 64 }, () => {
    const { certificate } = makeSelfSigned({ names: ['localhost'], days: 1, nowMs });
    return new X509Certificate(certificate).serialNumber;
  });
  t.is(new Set(serials).size, 64);
  for (const serial of serials) t.regex(serial, /^[0-9A-F]+$/);
});

test('dates behind 2050 and before it', (t) => {
  for (const days of [1, 365 * 30, 36_500]) {
    const { certificate } = makeSelfSigned({ names: ['localhost'], days, nowMs });
    t.is(Date.parse(new X509Certificate(certificate).validTo), nowMs + days * dayMs);
  }
});

test('many names, and long ones, still make a certificate', (t) => {
  const many = Array.from({ length: 300 }, (_, index) => `${'long'.repeat(12)}${index}.example.org`);
  const read = new X509Certificate(makeSelfSigned({ names: many, days: 1, nowMs }).certificate);
  t.deepEqual(namesOf(read), many);
  t.true(read.verify(read.publicKey));
});

test('a key of a kind that does not sign is refused', (t) => {
  const key = generateKeyPairSync('x25519').privateKey;
  t.throws(() => makeSelfSigned({ names: ['localhost'], days: 1, nowMs, key }), { message: /type x25519/ });
});
