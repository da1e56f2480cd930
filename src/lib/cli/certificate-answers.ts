// Certificate files that somebody has, as the set-up in the browser gets them: by their paths, or as texts. Checked before
// anything is written: that they belong together, are valid, and are for the name under which people connect.

import * as path from 'node:path';
import { refusal } from '../core/errors.js';
import type { SetUpAnswers } from '../io/http/set-up-routes.js';
import { checkPair, factsOfLeaf, type ReadCertificate, readCertificate } from '../io/net/certificates.js';
import type { SetUp, TlsChoice } from './set-up.js';
import { readNames } from './set-up-tls.js';

export interface CertificateAnswer {
  readonly tls: TlsChoice;
  readonly certificateTexts?: { readonly certificate: string; readonly key: string };
  /** For whoever looks at what will be written. */
  readonly lines: readonly string[];
}

/** Refusal or Fault that says what is wrong with them. */
export function readCertificateAnswer(
  now: Pick<SetUp, 'certificate' | 'key' | 'hasOwnCertificate'>,
  { certificateFiles, certificateTexts, localHost = '' }: SetUpAnswers,
  nowMs: number,
): CertificateAnswer {
  if (certificateTexts !== undefined) {
    if (now.hasOwnCertificate) throw refusal('file-in-the-way', { file: now.certificate });
    const { certificate, key, certificateName = 'certificate.pem', keyName = 'key.pem' } = certificateTexts;
    const texts = { certificate, key };
    const checked = checkPair(texts, { certificate: certificateName, key: keyName }, nowMs);
    const lines = linesOf(checked, localHost, nowMs);
    const tls = { kind: 'files', certificate: now.certificate, key: now.key } as const;
    return { tls, certificateTexts: texts, lines };
  }
  if (certificateFiles === undefined) throw refusal('tls-without-files');
  const files = {
    certificate: path.resolve(certificateFiles.certificate.trim()),
    key: path.resolve(certificateFiles.key.trim()),
  };
  const lines = linesOf(readCertificate(files, nowMs), localHost, nowMs);
  return { tls: { kind: 'files', ...files }, lines };
}

function linesOf({ leaf, warnings }: ReadCertificate, localHost: string, nowMs: number): string[] {
  const { names, validFrom, validUntil } = factsOfLeaf(leaf);
  const day = (moment: number) => new Date(moment).toISOString().slice(0, 10);
  if (validUntil <= nowMs) throw refusal('certificate-expired', { day: day(validUntil) });
  if (validFrom > nowMs) throw refusal('certificate-not-yet-valid', { day: day(validFrom) });
  for (const host of localHost.trim() === '' ? [] : readNames(localHost)) {
    if (leaf.checkHost(host) === undefined) {
      throw refusal('certificate-other-names', { host, names: names.join(', ') || 'none' });
    }
  }
  return [`certificate for ${names.join(', ')}, valid until ${day(validUntil)}`, ...warnings];
}
