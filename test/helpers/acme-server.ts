// `dp serve --acme` as a process of its own, with the authority of a test.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { CertificateStatus } from '../../src/lib/admin/certificates.js';
import type { TestAuthority } from './authority.js';
import { type ServedBinary, serveBinary } from './serve-binary.js';
import { tempFolder } from './temp-folder.js';
import { until } from './until.js';

/** What `dp cert status --json` prints. */
export interface PrintedStatus {
  certificate: CertificateStatus | null;
  isRunning: boolean;
}

export interface AcmeServing {
  /** Ports; 0: any for the web port, none for HTTP. */
  http?: number;
  web?: number;
  more?: string[];
  acceptsTerms?: boolean;
  /** Holds everything of the server and stays when it ends. */
  folder?: string;
}

/** For `draw.example.org`. */
export async function serveWithAcme(
  t: ExecutionContext,
  authority: TestAuthority,
  { http = 0, web = 0, more = [], acceptsTerms = true, folder }: AcmeServing,
): Promise<ServedBinary> {
  const root = join(tempFolder(t), 'root.pem');
  writeFileSync(root, authority.trusted, { mode: 0o644 });
  return serveBinary(
    folder === undefined ? t : { teardown: (run) => t.teardown(run as () => void), folder },
    'socket',
    ...['--acme', 'draw.example.org', '--acme-directory', authority.directory, '--acme-directory-ca', root],
    ...['--http-port', String(http), '--http-listen', '127.0.0.1'],
    ...['--web-port', String(web), '--web-listen', '127.0.0.1'],
    ...(acceptsTerms ? ['--acme-accept-terms'] : []),
    ...['--acme-email', 'me@example.org', ...more],
  );
}

export async function statusOf(server: ServedBinary): Promise<PrintedStatus> {
  return JSON.parse((await server.dp('cert', 'status', '--json')).stdout) as PrintedStatus;
}

/** Waits until the authority has issued a certificate and it is in use. */
export async function issued(server: ServedBinary): Promise<CertificateStatus> {
  let found: CertificateStatus | null = null;
  await until('a certificate is issued', async () => {
    found = (await statusOf(server)).certificate;
    return found?.isSelfSigned === false && found.renewal?.state === 'current';
  });
  return found!;
}
