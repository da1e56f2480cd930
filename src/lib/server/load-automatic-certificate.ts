// Creates the automatic certificate from start options: files that only root can read come first, the folder later.

import { createPrivateKey } from 'node:crypto';
import { challengePorts } from '../core/certificates/challenges.js';
import { fault } from '../core/errors.js';
import type { Clock, LogLevel } from '../core/session/needs.js';
import type { StartupValues } from '../core/settings/startup.js';
import { reasonOf, sizeLimits } from '../io/files/regular-file.js';
import { readTextFile } from '../io/files/text-file.js';
import { isSelfSigned, readCertificate } from '../io/net/certificates.js';
import { HttpClient } from '../io/outside/http-client.js';
import { dataFiles } from '../io/system/data-folder.js';
import { systemRandom } from '../io/system/random.js';
import { AutomaticCertificate } from './automatic-certificate.js';

export type AcmeValues = Pick<
  StartupValues,
  | 'acme'
  | 'acme-email'
  | 'acme-directory'
  | 'acme-directory-ca'
  | 'acme-accept-terms'
  | 'acme-rotate-key'
  | 'http-port'
  | 'web-port'
  | 'websocket-port'
>;

/** Call what it answers with as the user who serves. Fault where a file cannot be read or written. */
export function loadAutomaticCertificate(values: AcmeValues, dataFolder: string) {
  const { 'acme-directory-ca': file } = values;
  const trusted = file === undefined ? undefined : readTrusted(file);
  return async (needs: {
    clock: Clock;
    /** For the talk with the authority; `clock` when left out. */
    networkClock?: Clock;
    writeLog(level: LogLevel, text: string): void;
  }): Promise<AutomaticCertificate> => {
    const certificate = new AutomaticCertificate({
      ...needs,
      names: values.acme,
      email: values['acme-email'],
      directory: values['acme-directory'],
      acceptsTerms: values['acme-accept-terms'],
      rotatesKey: values['acme-rotate-key'],
      folder: dataFiles(dataFolder).automaticCertificate,
      knownKey: keyOfSelfSigned(dataFolder, needs.clock.now()),
      ports: { 'http-01': values['http-port'], 'tls-alpn-01': portOfNamedChecks(values) },
      http: new HttpClient({
        clock: needs.networkClock ?? needs.clock,
        ...(trusted !== undefined && { trusted }),
      }),
      random: systemRandom,
    });
    await certificate.prepare();
    return certificate;
  };
}

/** Authorities come to port 443: to whichever listener has it, else to the web port, to which it may be forwarded. */
export function portOfNamedChecks(values: Pick<StartupValues, 'web-port' | 'websocket-port'>): number {
  const ports = [values['web-port'], values['websocket-port']];
  return ports.find((port) => port === challengePorts['tls-alpn-01']) ?? values['web-port'];
}

/** Certificates of a private authority. Fault where the file cannot be read. */
export function readTrusted(file: string): string {
  try {
    return readTextFile(file, sizeLimits.pem).text;
  } catch (cause) {
    throw fault('certificate-unreadable', { what: 'certificate', file, reason: reasonOf(cause) }, cause);
  }
}

/** The key of a certificate of `dp cert create`, which clients may remember, where an authority takes keys of its kind. */
function keyOfSelfSigned(dataFolder: string, nowMs: number): string | undefined {
  const { certificate, key } = dataFiles(dataFolder);
  try {
    if (!isSelfSigned(readCertificate({ certificate, key }, nowMs).leaf)) return undefined;
    const pem = readTextFile(key, sizeLimits.pem).text;
    const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = createPrivateKey(pem);
    const isUsual =
      (kind === 'ec' && ['prime256v1', 'secp384r1'].includes(details?.namedCurve ?? '')) ||
      (kind === 'rsa' && (details?.modulusLength ?? 0) >= 2048);
    return isUsual ? pem : undefined;
  } catch {
    return undefined;
  }
}
