// Checks the certificate: readable, valid, for the names of the server; why an authority issued none.

import { renewWhenRepaired } from '../../core/certificates/failures.js';
import { CertificateFolder, damagedHint } from '../../io/acme/certificate-folder.js';
import { readCertificate, readKeyPair } from '../../io/net/certificates.js';
import { dataFiles } from '../../io/system/data-folder.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

export function checkCertificate(examined: Examined): Finding[] {
  return examined.startup.acme.length > 0 ? checkAutomatic(examined) : checkFiles(examined);
}

/** What the server obtained from an authority, and why it did not. */
function checkAutomatic({ startup, dataFolder, now }: Examined): Finding[] {
  const place = dataFiles(dataFolder).automaticCertificate;
  const folder = new CertificateFolder({ folder: place, readPair: readKeyPair });
  const { pair, progress, damaged } = folder.read();
  const findings = damaged.map(({ file, reason }) =>
    finding('certificate-file-damaged', { file, reason, advice: damagedHint }),
  );
  const failures = progress?.failures ?? [];
  const command = renewWhenRepaired(failures);
  for (const { message, hint = '' } of failures) {
    const advice = command === undefined ? hint : `${hint}   (then at once: ${command})`;
    findings.push(finding('certificate-not-issued', { reason: message, advice }));
  }
  if (pair === undefined || pair.facts.isSelfSigned) {
    findings.push(finding('certificate-not-ordered', { names: startup.acme.join(', ') }));
    return findings;
  }
  const missing = startup.acme.filter((name) => !pair.facts.names.includes(name));
  if (missing.length > 0) {
    findings.push(finding('certificate-name-missing', { names: missing.join(', ') }));
  }
  const until = new Date(pair.facts.validUntil).toISOString().slice(0, 10);
  if (pair.facts.validUntil <= now) {
    findings.push(finding('certificate-expired', { until }));
  }
  if (findings.length > 0) return findings;
  return [finding('certificate-renewed', { names: pair.facts.names.join(', '), until })];
}

function checkFiles({ startup, now }: Examined): Finding[] {
  const { 'ssl-cert': certificate, 'ssl-key': key, 'local-host': name } = startup;
  if (certificate === undefined || key === undefined) return [];
  const { leaf, warnings, chain } = readCertificate({ certificate, key }, now);
  const until = new Date(leaf.validTo).toISOString().slice(0, 10);
  const findings = warnings.map((problem) => finding('certificate-warning', { problem }));
  if (name !== undefined && leaf.checkHost(name) === undefined) {
    findings.push(finding('certificate-for-other-name', { certificate, name }));
  }
  if (findings.length === 0) {
    findings.push(finding('certificate-valid', { certificate, until, count: chain.length }));
  }
  return findings;
}
