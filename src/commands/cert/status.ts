// dp cert status: the certificate of a server and how its renewal goes, running or not.

import type { CertificateStatus } from '../../lib/admin/certificates.js';
import { AdminCommand, type PlaceFlags } from '../../lib/cli/admin-command.js';
import { describeStatus, storedCertificate } from '../../lib/cli/certificate-status.js';
import { Refusal } from '../../lib/core/errors.js';

export default class CertStatus extends AdminCommand {
  static override summary = 'Show the certificate of a server and its renewal';
  static override description =
    'Shows names, issuer and expiry of the certificate in use, when it is renewed, and why the last order failed if it ' +
    'did. Without a running server, it shows what is in the data folder. The exit status is 7 if the last order failed ' +
    'or the certificate has expired.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];

  async run(): Promise<object> {
    const { flags } = await this.parse(CertStatus);
    const { certificate, isRunning } = await this.#find(flags);
    const now = this.terminal.now();
    if (certificate === null) {
      this.log('No certificate: connections are not encrypted.');
      return { certificate, isRunning };
    }
    this.log(describeStatus(certificate, now).join('\n'));
    const failures = certificate.renewal?.failures ?? [];
    if (failures.length > 0 || certificate.validUntil <= now) this.endWith('problems');
    return { certificate, isRunning };
  }

  async #find(flags: PlaceFlags): Promise<{ certificate: CertificateStatus | null; isRunning: boolean }> {
    try {
      return await this.withAdmin(
        flags,
        async (admin) => ({ ...(await admin.run('certificate.status', {})), isRunning: true }),
        true,
      );
    } catch (error) {
      const isGone = error instanceof Refusal && error.code === 'server-not-running';
      if (!isGone) throw error;
      const stored = storedCertificate(this.terminal.env);
      if (stored === undefined) throw error;
      return { certificate: stored, isRunning: false };
    }
  }
}
