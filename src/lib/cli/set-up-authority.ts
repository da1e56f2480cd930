// The terms of service of a certificate authority, for the question of `dp init` whether they are accepted.

import { CertificateFailure } from '../core/certificates/failures.js';
import type { Fault } from '../core/errors.js';
import { AcmeClient } from '../io/acme/directory.js';
import { HttpClient } from '../io/outside/http-client.js';
import { systemClock } from '../io/system/clock.js';
import { readTrusted } from '../server/load-automatic-certificate.js';

/** Somebody waits. */
const timeLimitMs = 10_000;

/** Where the terms are, `undefined` where it has none; or why that is not known. */
export async function termsOf(
  directory: string,
  authorityCertificate: string | undefined,
): Promise<{ terms: string | undefined } | { problem: Pick<Fault, 'message' | 'hint'> }> {
  try {
    const client = new HttpClient({
      clock: systemClock,
      ...(authorityCertificate !== undefined && { trusted: readTrusted(authorityCertificate) }),
    });
    const http = {
      request: (request: Parameters<HttpClient['request']>[0]) => client.request({ ...request, timeLimitMs }),
    };
    const { terms } = await new AcmeClient(directory, http, systemClock).directory();
    return { terms };
  } catch (error) {
    return { problem: error instanceof CertificateFailure ? error.shown : (error as Fault) };
  }
}
