// dp cert status: the certificate of a server and how its renewal goes, running or not.

import { type CertificateStatus, certificateReport } from '../../lib/admin/certificates.js';
import type { Static } from '../../lib/admin/schema.js';
import { AdminCommand, type PlaceFlags } from '../../lib/cli/admin-command.js';
import {
  describeDamage,
  describeStatus,
  type StoredCertificate,
  storedCertificate,
} from '../../lib/cli/certificate-status.js';
import { Refusal } from '../../lib/core/errors.js';

export default class CertStatus extends AdminCommand {
  static override summary = 'Show the certificate of a server and its renewal';
  static override description =
    'Shows names, issuer and expiry of the certificate in use, when it is renewed, and why the last order failed if it ' +
    'did. Without a running server, it shows what is in the data folder. The exit status is 7 if the last order failed, ' +
    'the certificate has expired, or its file is damaged.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  static override ownAnswers = { '': { shape: certificateReport } } as const;

  async run(): Promise<Static<typeof certificateReport>> {
    const { flags } = await this.parse(CertStatus);
    const { certificate, damaged, isRunning } = await this.#find(flags);
    const now = this.terminal.now();
    const lines = [
      ...(certificate === null ? [] : describeStatus(certificate, now)),
      ...(damaged.length === 0 ? [] : describeDamage(damaged)),
    ];
    for (const line of lines) this.log(line);
    if (lines.length === 0) this.log('No certificate: connections are not encrypted.');
    const failures = certificate?.renewal?.failures ?? [];
    const isExpired = certificate !== null && certificate.validUntil <= now;
    if (failures.length > 0 || damaged.length > 0 || isExpired) this.endWith('problems');
    return { certificate, isRunning, damaged };
  }

  async #find(flags: PlaceFlags): Promise<Found> {
    try {
      return await this.withAdmin(
        flags,
        async (admin) => ({ ...(await admin.run('certificate.status', {})), isRunning: true, damaged: [] }),
        true,
      );
    } catch (error) {
      const isGone = error instanceof Refusal && error.code === 'server-not-running';
      if (!isGone) throw error;
      const { certificate = null, damaged } = storedCertificate(this.terminal.env);
      if (certificate === null && damaged.length === 0) throw error;
      return { certificate, isRunning: false, damaged };
    }
  }
}

interface Found {
  certificate: CertificateStatus | null;
  isRunning: boolean;
  damaged: StoredCertificate['damaged'];
}
