// dp cert show: what is in a certificate file, and what is wrong with it.
import * as path from 'node:path';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { certificateFile } from '../../lib/cli/certificate-status.js';
import { describeCertificate, readCertificateFile } from '../../lib/cli/certificate-text.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { readCertificate, warningsOf } from '../../lib/io/net/certificates.js';

export default class CertShow extends BaseCommand {
  static override summary = 'Show a certificate and what is wrong with it';
  static override description =
    'Shows names, issuer and validity. The exit status is 7 if something is wrong with the certificate.';
  static override examples = [
    {
      description: 'The certificate of the server on this machine',
      command: '<%= config.bin %> <%= command.id %>',
    },
    {
      description: 'Another certificate, and whether the key belongs to it',
      command: '<%= config.bin %> <%= command.id %> server.pem --ssl-key server.key',
    },
  ];
  static override args = {
    file: Args.string({
      description: 'Certificate file [default: that of the server, else cert.pem in the data folder]',
    }),
  };
  static override flags = {
    'ssl-key': Flags.string({
      helpValue: 'FILE',
      description: 'Check that this key belongs to the certificate',
    }),
  };

  async run(): Promise<object> {
    const { args, flags } = await this.parse(CertShow);
    const file = path.resolve(args.file ?? certificateFile(this.terminal.env));
    const chain = readCertificateFile(file);
    const key = flags['ssl-key'];
    const now = this.terminal.now();
    const problems =
      key === undefined
        ? warningsOf(chain, file, now)
        : readCertificate({ certificate: file, key }, now).warnings;
    const report = describeCertificate(chain[0], now);
    const lines = [
      `file         ${file}`,
      `names        ${report.names.join(', ')}`,
      `issued by    ${report.isSelfSigned ? 'itself (self-signed)' : report.issuer}`,
      `valid from   ${report.validFrom}`,
      `valid until  ${report.validUntil} (${report.daysLeft < 0 ? 'expired' : `${report.daysLeft} days left`})`,
      `key          ${report.keyType}`,
      `SHA-256      ${report.sha256}`,
      `chain        ${chain.length === 1 ? 'this certificate only' : `${chain.length} certificates`}`,
      ...problems.map((problem) => `problem      ${problem}`),
    ];
    for (const line of lines) this.log(line);
    if (problems.length > 0) this.endWith('problems');
    return { file, ...report, certificates: chain.length, problems };
  }
}
