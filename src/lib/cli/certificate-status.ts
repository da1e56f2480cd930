// The certificate of a server as `dp cert status` and `dp status` show it, and what the data folder of one that does not
// run holds.

import { existsSync } from 'node:fs';
import { type CertificateStatus, type RenewalStatus, storedStatus } from '../admin/certificates.js';
import { renewWhenRepaired } from '../core/certificates/failures.js';
import { readStartup } from '../core/settings/startup.js';
import { describeDuration, formatDateTime } from '../core/units.js';
import { CertificateFolder, damagedHint } from '../io/acme/certificate-folder.js';
import { factsOf, readKeyPair } from '../io/net/certificates.js';
import { dataFiles, dataFolder } from '../io/system/data-folder.js';
import { startEnvironment } from '../io/system/start-file.js';
import { readCertificateFile } from './certificate-text.js';

/** Which certificate a server that starts here shows; `cert.pem` where there is none. */
export function certificateFile(env: Readonly<Record<string, string | undefined>>): string {
  const { values } = readStartup({}, startEnvironment({}, env).environment);
  const files = dataFiles(values.data ?? dataFolder({ env }));
  const { pairFile } = new CertificateFolder({ folder: files.automaticCertificate, readPair: readKeyPair });
  return values['ssl-cert'] ?? (existsSync(pairFile) ? pairFile : files.certificate);
}

/** What a data folder holds; `certificate` undefined: there is none that can be used. */
export interface StoredCertificate {
  certificate: CertificateStatus | undefined;
  /** Files that cannot be used. */
  damaged: readonly { readonly file: string; readonly reason: string }[];
}

export function storedCertificate(env: Readonly<Record<string, string | undefined>>): StoredCertificate {
  const { environment } = startEnvironment({}, env);
  const { values } = readStartup({}, environment);
  const files = dataFiles(values.data ?? dataFolder({ env }));
  const { 'ssl-cert': file } = values;
  if (file !== undefined) {
    const facts = factsOf(readCertificateFile(file)[0].toString());
    return { certificate: { ...facts, renewal: null }, damaged: [] };
  }
  const folder = new CertificateFolder({ folder: files.automaticCertificate, readPair: readKeyPair });
  const { pair, progress, damaged } = folder.read();
  const directory = progress?.directory ?? values['acme-directory'];
  return {
    certificate: pair && storedStatus(pair.facts, progress, directory),
    damaged: damaged.map(({ file, reason }) => ({ file, reason: String(reason) })),
  };
}

/** A problem, and what to do. */
export function describeDamage(damaged: StoredCertificate['damaged']): string[] {
  return damaged.flatMap(({ file, reason }) => [
    `problem      ${file} cannot be used: ${reason}`,
    `             ${damagedHint}`,
  ]);
}

/** One line for each fact. */
export function describeStatus(status: CertificateStatus, now: number): string[] {
  const { names, issuer, isSelfSigned, validUntil, sha256, renewal } = status;
  return [
    `names        ${names.join(', ')}`,
    `issued by    ${isSelfSigned ? 'itself (self-signed)' : issuer}`,
    `valid until  ${expiryText(validUntil, now)}`,
    `SHA-256      ${sha256}`,
    ...(renewal === null
      ? ['renewal      by others: it is read from files']
      : [`authority    ${renewal.directory}`, `renewal      ${renewalText(renewal, isSelfSigned, now)}`]),
    ...(renewal?.failures ?? []).flatMap(({ message, hint }) => [
      `problem      ${message}`,
      ...(hint === null ? [] : [`             ${hint}`]),
    ]),
  ];
}

/** For `dp status`. */
export function certificateLine(
  { names, validUntil, isSelfSigned, renewal }: CertificateStatus,
  now: number,
) {
  const kind = isSelfSigned ? 'self-signed, ' : '';
  return `${names.join(', ')}: ${kind}valid until ${expiryText(validUntil, now)}${
    renewal?.state === 'ordering' ? '; a new one is being ordered' : ''
  }`;
}

export function expiryText(validUntil: number, now: number): string {
  const left = validUntil - now;
  const when = left <= 0 ? 'expired' : `${describeDuration(left / 1000)} left`;
  return `${formatDateTime(validUntil)} UTC (${when})`;
}

function renewalText(renewal: RenewalStatus, isSelfSigned: boolean, now: number): string {
  const { state, renewAt, retryAt, challenge, failures } = renewal;
  const command = renewWhenRepaired(failures);
  const at = (moment: number) => (moment > now ? `in ${describeDuration((moment - now) / 1000)}` : 'now');
  switch (state) {
    case 'ordering':
      return `being ordered (${challenge})`;
    case 'storing':
      return `issued, not stored yet; the next try is ${at(retryAt ?? now)}`;
    case 'failed':
      return `the last order failed; the next try is ${at(retryAt ?? now)}${command === undefined ? '' : `, or at once: ${command}`}`;
    case 'stopped':
      return isSelfSigned
        ? 'none was issued yet; the server orders one when it runs'
        : `the server is stopped; due ${renewAt === null ? 'when it runs' : at(renewAt)}`;
    case 'current':
      return renewAt === null ? 'not known' : `${at(renewAt)}, on ${formatDateTime(renewAt)} UTC`;
  }
}
