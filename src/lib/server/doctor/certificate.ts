// The certificate: readable, valid, for the names of the server; why an authority issued none.

import { renewWhenRepaired } from '../../core/certificates/failures.js';
import { CertificateFolder, damagedHint } from '../../io/acme/certificate-folder.js';
import { readCertificate, readKeyPair } from '../../io/net/certificates.js';
import { dataFiles } from '../../io/system/data-folder.js';
import type { Examined, Finding } from './findings.js';

const subject = 'certificate';

export function checkCertificate(examined: Examined): Finding[] {
  return examined.startup.acme.length > 0 ? checkAutomatic(examined) : checkFiles(examined);
}

/** What the server obtained from an authority, and why it did not. */
function checkAutomatic({ startup, dataFolder, now }: Examined): Finding[] {
  const place = dataFiles(dataFolder).automaticCertificate;
  const folder = new CertificateFolder({ folder: place, readPair: readKeyPair });
  const { pair, progress, damaged } = folder.read();
  const findings: Finding[] = damaged.map(({ file, reason }) => ({
    subject,
    level: 'problem',
    text: `${file} cannot be used: ${reason}`,
    fix: damagedHint,
  }));
  const failures = progress?.failures ?? [];
  const command = renewWhenRepaired(failures);
  for (const { message, hint = '' } of failures) {
    findings.push({
      subject,
      level: 'problem',
      text: `no new certificate: ${message}`,
      fix: command === undefined ? hint : `${hint}   (then at once: ${command})`,
    });
  }
  if (pair === undefined || pair.facts.isSelfSigned) {
    findings.push({
      subject,
      level: 'note',
      text: `the authority has issued none for ${startup.acme.join(', ')} yet: connections are encrypted with a self-signed one`,
      fix: 'start the server, and follow the order: dp cert status',
    });
    return findings;
  }
  const missing = startup.acme.filter((name) => !pair.facts.names.includes(name));
  if (missing.length > 0) {
    findings.push({
      subject,
      level: 'note',
      text: `the certificate is not for ${missing.join(', ')} yet`,
      fix: 'start the server again: it orders one for all names',
    });
  }
  const until = new Date(pair.facts.validUntil).toISOString().slice(0, 10);
  if (pair.facts.validUntil <= now) {
    const text = `the certificate has expired on ${until}`;
    findings.push({ subject, level: 'problem', text, fix: 'dp cert renew' });
  }
  if (findings.length > 0) return findings;
  return [
    {
      subject,
      level: 'ok',
      text: `${pair.facts.names.join(', ')}: valid until ${until}, renewed by the server`,
    },
  ];
}

function checkFiles({ startup, now }: Examined): Finding[] {
  const { 'ssl-cert': certificate, 'ssl-key': key, 'local-host': name } = startup;
  if (certificate === undefined || key === undefined) return [];
  const { leaf, warnings, chain } = readCertificate({ certificate, key }, now);
  const until = new Date(leaf.validTo).toISOString().slice(0, 10);
  const findings: Finding[] = warnings.map((text) => ({
    subject,
    level: 'problem' as const,
    text,
    fix: 'renew it (certbot renew), or create one: dp cert create   (a running server loads the new one without a restart)',
  }));
  if (name !== undefined && leaf.checkHost(name) === undefined) {
    findings.push({
      subject,
      level: 'note',
      text: `${certificate} is not valid for the name ${name}: browsers refuse it, desktop clients pin it`,
      fix: `let the server obtain one for that name: --acme ${name} instead of --ssl-cert and --ssl-key`,
    });
  }
  if (findings.length === 0) {
    findings.push({
      subject,
      level: 'ok',
      text: `${certificate}: valid until ${until}, ${chain.length} in its chain`,
    });
  }
  return findings;
}
