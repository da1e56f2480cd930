// dp cert renew: a running server orders a new certificate now; without one, this command does.

import type { Admin } from '../../lib/admin/admin.js';
import type { CertificateStatus } from '../../lib/admin/certificates.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { describeStatus } from '../../lib/cli/certificate-status.js';
import { Flags } from '../../lib/cli/oclif.js';
import { Refusal } from '../../lib/core/errors.js';
import type { LogLevel } from '../../lib/core/session/needs.js';
import { readStartup } from '../../lib/core/settings/startup.js';
import { waitingClock } from '../../lib/io/system/clock.js';
import { startEnvironment } from '../../lib/io/system/start-file.js';

const lookEveryMs = 500;

export default class CertRenew extends LiveCommand {
  static override answers = ['certificate.renew'] as const;
  static override summary = 'Order a new certificate now';
  static override description =
    'Makes the running server order a certificate from the authority, and waits for the result. Servers renew ' +
    'certificates by themselves; use this after a repair, instead of waiting for the next try. Nobody is disconnected. ' +
    'If no server is running, the command orders the certificate itself, with the start options that dp init stored; ' +
    'to listen on the ports of --http-port and --web-port, it may need sudo. Authorities limit the number of orders: ' +
    'after such a refusal, nothing is ordered before the authority allows it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    {
      description: 'With a new private key, because others may have the old one',
      command: '<%= config.bin %> <%= command.id %> --rotate-key',
    },
  ];
  static override flags = {
    'rotate-key': Flags.boolean({
      summary: 'Create a new private key; users of desktop clients must accept it',
    }),
    'no-wait': Flags.boolean({ summary: 'Do not wait for the result' }),
  };

  async run(): Promise<object> {
    const { flags } = await this.parse(CertRenew);
    const newKey = flags['rotate-key'] ?? false;
    const certificate = await this.withAdmin(flags, async (admin) => {
      const begun = await admin.run('certificate.renew', { newKey });
      return flags['no-wait'] ? begun.certificate : this.#result(admin, begun.certificate);
    }).catch((error) => {
      // other data than those of the stored start options are a server's that is to be started
      const isElsewhere = [flags.database, flags.config].some((place) => place !== undefined);
      if (isElsewhere || !(error instanceof Refusal) || error.code !== 'server-not-running') throw error;
      return this.#withoutServer(newKey);
    });
    if (certificate === null) return { certificate };
    if (certificate.renewal?.state === 'ordering') {
      this.log('Ordering a certificate; follow it with: dp cert status');
      return { certificate };
    }
    for (const line of describeStatus(certificate, this.terminal.now())) this.log(line);
    if ((certificate.renewal?.failures.length ?? 0) > 0) this.endWith('problems');
    return { certificate };
  }

  async #withoutServer(newKey: boolean): Promise<CertificateStatus> {
    const { environment, problems } = startEnvironment({}, this.terminal.env);
    for (const { message } of problems) this.warn(message);
    const { values } = readStartup({}, environment);
    const { orderCertificate } = await import('../../lib/server/order-certificate.js');
    const writeLog = (level: LogLevel, text: string) => {
      if (level === 'warn' || level === 'error') this.warn(text);
      else if (level !== 'debug') this.logToStderr(text);
    };
    return orderCertificate({ values, environment, newKey, writeLog });
  }

  async #result(admin: Admin, begun: CertificateStatus | null): Promise<CertificateStatus | null> {
    let certificate = begun;
    do {
      await new Promise<void>((resolve) => void waitingClock.after(lookEveryMs, resolve));
      certificate = (await admin.run('certificate.status', {})).certificate;
    } while (certificate?.renewal?.state === 'ordering');
    return certificate;
  }
}
