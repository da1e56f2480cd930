// Certificates as the commands read and describe them.
import type { X509Certificate } from 'node:crypto';
import { fault, refusal } from '../core/errors.js';
import { reasonOf, sizeLimits } from '../io/files/regular-file.js';
import { readTextFile } from '../io/files/text-file.js';
import { type CertificateChain, isSelfSigned, readChain } from '../io/net/certificates.js';
import { namesOf } from '../io/net/self-signed.js';

export interface CertificateReport {
  names: string[];
  issuer: string;
  isSelfSigned: boolean;
  /** ISO 8601. */
  validFrom: string;
  validUntil: string;
  daysLeft: number;
  /** `ec prime256v1`, `rsa 2048` */
  keyType: string;
  /** Fingerprint as clients show it. */
  sha256: string;
}

/** All certificates of a file, at least one. */
export function readCertificateFile(file: string): CertificateChain {
  let pem: string;
  try {
    pem = readTextFile(file, sizeLimits.pem).text;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw refusal('certificate-file-not-found', { file });
    }
    throw fault('certificate-unreadable', { what: 'certificate', file, reason: reasonOf(cause) }, cause);
  }
  let leaf: X509Certificate | undefined;
  let issuers: X509Certificate[] = [];
  try {
    [leaf, ...issuers] = readChain(pem);
  } catch {
    // reported below
  }
  if (leaf !== undefined) return [leaf, ...issuers];
  throw refusal('certificate-file-damaged', { file });
}

export function describeCertificate(certificate: X509Certificate, nowMs: number): CertificateReport {
  const { publicKey } = certificate;
  const details = publicKey.asymmetricKeyDetails;
  const until = Date.parse(certificate.validTo);
  return {
    names: namesOf(certificate),
    issuer: certificate.issuer.replaceAll('\n', ', '),
    isSelfSigned: isSelfSigned(certificate),
    validFrom: new Date(Date.parse(certificate.validFrom)).toISOString(),
    validUntil: new Date(until).toISOString(),
    daysLeft: Math.floor((until - nowMs) / 86_400_000),
    keyType: [publicKey.asymmetricKeyType, details?.modulusLength ?? details?.namedCurve ?? '']
      .join(' ')
      .trim(),
    sha256: certificate.fingerprint256,
  };
}
