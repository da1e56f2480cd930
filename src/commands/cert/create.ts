// dp cert create: makes a self-signed certificate, or a new one for the same key.
import type { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import * as path from 'node:path';
import { BaseCommand } from '../../lib/cli/base-command.js';
import { describeCertificate, readCertificateFile } from '../../lib/cli/certificate-text.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { confirm } from '../../lib/cli/prompts.js';
import { fault, Refusal, refusal } from '../../lib/core/errors.js';
import { readHostName } from '../../lib/core/public-names.js';
import { makeFolder } from '../../lib/io/files/folders.js';
import {
  diskFull,
  fileModes,
  reasonOf,
  sizeLimits,
  statRegular,
  UnusableFile,
} from '../../lib/io/files/regular-file.js';
import { replaceFile } from '../../lib/io/files/replace-file.js';
import { readTextFile } from '../../lib/io/files/text-file.js';
import { isSelfSigned } from '../../lib/io/net/certificates.js';
import { readPrivateKey } from '../../lib/io/net/private-key.js';
import { makeSelfSigned, namesOf } from '../../lib/io/net/self-signed.js';
import { dataFiles, dataFolder } from '../../lib/io/system/data-folder.js';

/** Clients pin the certificate itself: each renewal is a question to every user. Ten years. */
const defaultDays = 3650;
/** A certificate that is valid for longer needs no renewal. */
const renewalDays = 30;

export default class CertCreate extends BaseCommand {
  static override summary = 'Create a self-signed TLS certificate';
  static override description =
    'Desktop clients accept a self-signed certificate at the first connection without asking, and pin it: 2.3 ' +
    'compares the entire certificate, 2.1 and 2.2 its key. After a replacement, users of 2.3 see "Server SSL ' +
    'certificate has changed!" and have to accept the new one, so replace a certificate only when necessary. ' +
    'Browsers, and desktop clients 2.3 over WebSocket, refuse self-signed certificates: for them, use a ' +
    'certificate from a certificate authority. Without NAME, the names of the existing certificate are used, or ' +
    'the name of this computer.';
  static override examples = [
    {
      description: 'For a server with a name and an address',
      command: '<%= config.bin %> <%= command.id %> draw.example.com 192.0.2.7',
    },
    {
      description: 'With other file names',
      command:
        '<%= config.bin %> <%= command.id %> draw.example.com --ssl-cert server.pem --ssl-key server.key',
    },
  ];
  static override strict = false;
  static override args = {
    name: Args.string({ description: 'Host names and IP addresses of the server', required: false }),
  };
  static override flags = {
    'ssl-cert': Flags.string({
      helpValue: 'FILE',
      description: 'Certificate file to write [default: cert.pem in the data folder]',
    }),
    'ssl-key': Flags.string({
      helpValue: 'FILE',
      description: 'Key file, existing or to be written [default: key.pem in the data folder]',
    }),
    days: Flags.integer({
      min: 1,
      max: 36_500,
      default: defaultDays,
      helpValue: 'N',
      description: 'Validity in days',
    }),
    'new-key': Flags.boolean({
      description: 'Create a new key too (users of every version have to accept it)',
    }),
    force: Flags.boolean({ description: 'Replace an existing certificate without asking' }),
  };

  async run(): Promise<object> {
    const { flags, argv } = await this.parse(CertCreate);
    const files = dataFiles(dataFolder());
    const certificatePath = path.resolve(flags['ssl-cert'] ?? files.certificate);
    const keyPath = path.resolve(flags['ssl-key'] ?? files.key);
    requireReplaceable(certificatePath);
    requireReplaceable(keyPath);
    const old = existsSync(certificatePath) ? readCertificateFile(certificatePath)[0] : undefined;
    if (old !== undefined && !isSelfSigned(old) && !flags.force) {
      throw refusal('certificate-of-others', {
        file: certificatePath,
        issuer: old.issuer.replaceAll('\n', ', '),
      });
    }
    if (old !== undefined && !flags.force) await this.warnBeforeReplacing(certificatePath, old);
    const keepsKey = existsSync(keyPath) && !flags['new-key'];
    const names = namesFrom(argv as string[], old === undefined ? [] : namesOf(old));
    const made = makeSelfSigned({
      names,
      days: flags.days,
      nowMs: this.terminal.now(),
      ...(keepsKey && { key: existingKey(keyPath) }),
    });
    try {
      makeFolder(path.dirname(certificatePath));
      makeFolder(path.dirname(keyPath));
      if (!keepsKey) await replaceFile(keyPath, made.key, { mode: fileModes.secret });
      await replaceFile(certificatePath, made.certificate, { mode: fileModes.public });
    } catch (cause) {
      if (cause instanceof Refusal) throw cause;
      throw (
        diskFull(certificatePath, cause) ??
        fault('file-unwritable', { file: certificatePath, reason: reasonOf(cause) }, cause)
      );
    }
    const report = describeCertificate(readCertificateFile(certificatePath)[0], this.terminal.now());
    const lines = [
      `${keepsKey ? 'Renewed' : 'Created'} a certificate for ${report.names.join(', ')}, valid until ${report.validUntil.slice(0, 10)}.`,
      `  certificate  ${certificatePath}`,
      `  key          ${keyPath}${keepsKey ? ' (kept)' : ''}`,
      `  SHA-256      ${report.sha256}`,
      '',
      `Use it with: dp serve --ssl-cert ${certificatePath} --ssl-key ${keyPath}`,
    ];
    for (const line of lines) this.log(line);
    return { certificate: certificatePath, key: keyPath, keptKey: keepsKey, ...report };
  }

  private async warnBeforeReplacing(place: string, old: X509Certificate): Promise<void> {
    const validUntil = new Date(old.validTo);
    const daysLeft = Math.floor((validUntil.getTime() - this.terminal.now()) / 86_400_000);
    if (daysLeft <= renewalDays) return;
    const warning =
      `${place} is valid until ${validUntil.toISOString().slice(0, 10)}. Users of Drawpile 2.3 will see "Server SSL ` +
      'certificate has changed!" when it is replaced.';
    if (await confirm(this.terminal, `${warning} Replace it?`, false)) return;
    throw refusal('certificate-valid', { warning });
  }
}

function requireReplaceable(place: string): void {
  try {
    statRegular(place);
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error;
    throw refusal('file-not-replaceable', { file: place, reason: error.reason });
  }
}

function existingKey(keyPath: string) {
  try {
    return readPrivateKey(readTextFile(keyPath, sizeLimits.pem).text);
  } catch (cause) {
    throw fault('key-not-usable', { file: keyPath, reason: (cause as Error).message }, cause);
  }
}

function namesFrom(given: readonly string[], old: readonly string[]): string[] {
  const names = given.length > 0 ? given : old.length > 0 ? old : [hostname(), 'localhost'];
  // A wildcard is of use here: clients that pin the certificate compare no names.
  return [
    ...new Set(
      names.map((name) => (name.startsWith('*.') ? '*.' : '') + readHostName(name.replace(/^\*\./, ''))),
    ),
  ];
}
