// The certificate: readable, valid, for the name of the server.

import { readCertificate } from '../../io/net/certificates.js';
import type { Examined, Finding } from './findings.js';

export function checkCertificate({ startup, now }: Examined): Finding[] {
  const subject = 'certificate';
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
      fix: `obtain one for that name: certbot certonly --standalone -d ${name}`,
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
