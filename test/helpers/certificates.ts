// Certificates for tests, made once per process: `a` and `b` have keys of their own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { ExecutionContext } from 'ava';
import type { CertificateFiles } from '../../src/lib/io/net/certificates.js';
import { makeSelfSigned } from '../../src/lib/io/net/self-signed.js';

export interface Pair {
  certificate: string;
  key: string;
}

/** A new pair for `localhost`, valid for so many days from `nowMs` on. */
export async function makePair(days = 365, nowMs = Date.now()): Promise<Pair> {
  return makeSelfSigned({ names: ['localhost', '127.0.0.1'], days, nowMs });
}

/** A folder that goes away with the test. */
export function makeFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'dp-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The pair as files. */
export function writePair(folder: string, pair: Pair): CertificateFiles {
  const files = { certificate: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') };
  writeFileSync(files.certificate, pair.certificate);
  writeFileSync(files.key, pair.key);
  return files;
}
