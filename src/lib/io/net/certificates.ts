// The certificate and key of the server: read and checked at the start, read again when the files change, without
// dropping anyone. A broken pair on disk never takes the place of one that works.
import { type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { CertificateFacts, KeyPair } from '../../core/certificates/needs.js';
import { reason } from '../../core/errors/reason.js';
import { fault } from '../../core/errors.js';
import { reasonOf, sizeLimits, UnusableFile } from '../files/regular-file.js';
import { readTextFile } from '../files/text-file.js';
import { lookRepeatedly, stampAt } from '../files/watch.js';
import { readPrivateKey } from './private-key.js';
import { namesOf } from './self-signed.js';

export interface CertificateFiles {
  /** PEM: the certificate, then those that vouch for it. */
  certificate: string;
  /** PEM, without passphrase. */
  key: string;
}

/** The certificate of a server, then those of its issuers. */
export type CertificateChain = readonly [X509Certificate, ...X509Certificate[]];

export interface ReadCertificate {
  context: SecureContext;
  leaf: X509Certificate;
  chain: CertificateChain;
  /** What does not keep the server from starting. */
  warnings: string[];
}

/** Looks in a row at which a changed pair may be broken: renewals write two files one after the other. */
const brokenLooksAtMost = 4;
const dayMs = 86_400_000;
/** Warned of when less than this is left, or a sixth of the entire time where that is shorter. */
const soonMs = 14 * dayMs;

/** All certificates of a PEM text, in its order. */
export function readChain(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

export function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.issuer === certificate.subject && certificate.verify(certificate.publicKey);
}

/** What is known of the first certificate of a PEM text. Throws when there is none. */
export function factsOf(pem: string): CertificateFacts {
  const [leaf] = readChain(pem);
  if (leaf === undefined) throw new UnusableFile(reason('pair-without-certificate'));
  return factsOfLeaf(leaf);
}

export function factsOfLeaf(leaf: X509Certificate): CertificateFacts {
  return {
    names: namesOf(leaf),
    issuer: leaf.issuer.replaceAll('\n', ', '),
    validFrom: Date.parse(leaf.validFrom),
    validUntil: Date.parse(leaf.validTo),
    sha256: leaf.fingerprint256,
    isSelfSigned: isSelfSigned(leaf),
  };
}

/** Key and chain of a PEM text that holds both. Throws when they do not belong together or cannot be used. */
export function readKeyPair(pem: string): KeyPair {
  const chain = readChain(pem);
  // Half of a chain is a certificate all the same, which clients do not trust.
  const rest = pem.replace(/-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----/g, '').trim();
  if (rest !== '') throw new UnusableFile(reason('pair-cut'));
  const key = readPrivateKey(pem);
  if (chain[0]?.checkPrivateKey(key) !== true) throw new UnusableFile(reason('pair-of-others'));
  const text = chain.map((certificate) => certificate.toString()).join('');
  const pair = {
    facts: factsOf(text),
    chain: text,
    key: key.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
  contextOf(pair);
  return pair;
}

/** For TLS handshakes. */
export function contextOf({ chain, key }: Pick<KeyPair, 'chain' | 'key'>): SecureContext {
  return createSecureContext({ cert: chain, key, minVersion: 'TLSv1.2' });
}

/** Reads and checks a pair. Fault: it cannot be used. */
export function readCertificate(files: CertificateFiles, nowMs: number): ReadCertificate {
  const certificate = readText(files.certificate, 'certificate');
  return checkPair({ certificate, key: readText(files.key, 'key') }, files, nowMs);
}

/** The same of texts; `files`: what they are called in errors. */
export function checkPair(pem: CertificateFiles, files: CertificateFiles, nowMs: number): ReadCertificate {
  const { certificate: certificatePem, key: keyPem } = pem;
  let leaf: X509Certificate | undefined;
  let issuers: X509Certificate[];
  try {
    [leaf, ...issuers] = readChain(certificatePem);
  } catch (cause) {
    throw fault('certificate-damaged', { file: files.certificate }, cause);
  }
  if (leaf === undefined) {
    throw fault('certificate-missing', { file: files.certificate });
  }
  let key: KeyObject;
  try {
    key = readPrivateKey(keyPem);
  } catch (cause) {
    throw fault(keyPem.includes('ENCRYPTED') ? 'key-encrypted' : 'key-missing', { file: files.key }, cause);
  }
  if (!leaf.checkPrivateKey(key)) {
    throw fault('key-of-other-certificate', { key: files.key, certificate: files.certificate });
  }
  try {
    const context = contextOf({ chain: certificatePem, key: keyPem });
    const chain: CertificateChain = [leaf, ...issuers];
    return { context, leaf, chain, warnings: warningsOf(chain, files.certificate, nowMs) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fault('certificate-not-usable', { file: files.certificate, reason }, cause);
  }
}

function readText(path: string, what: string): string {
  try {
    return readTextFile(path, sizeLimits.pem).text;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') {
      throw fault('certificate-not-found', { what, file: path }, cause);
    }
    throw fault('certificate-unreadable', { what, file: path, reason: reasonOf(cause) }, cause);
  }
}

/** What an operator should know of certificates that can be used. */
export function warningsOf(chain: CertificateChain, path: string, nowMs: number): string[] {
  const [leaf] = chain;
  const warnings: string[] = [];
  for (const [index, certificate] of chain.entries()) {
    const name = index === 0 ? `the certificate ${path}` : `certificate ${index + 1} in ${path}`;
    const from = Date.parse(certificate.validFrom);
    const until = Date.parse(certificate.validTo);
    const left = until - nowMs;
    if (left <= 0) {
      warnings.push(`${name} expired on ${new Date(until).toISOString().slice(0, 10)}`);
    } else if (from > nowMs) {
      warnings.push(`${name} is not valid before ${new Date(from).toISOString()}`);
    } else if (index === 0 && left < Math.min(soonMs, (until - from) / 6)) {
      const days = Math.floor(left / dayMs);
      const when = days < 1 ? 'today' : days === 1 ? 'in one day' : `in ${days} days`;
      warnings.push(`${name} expires ${when}, on ${new Date(until).toISOString().slice(0, 10)}`);
    }
  }
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1];
    if (issuer !== undefined && !certificate.checkIssued(issuer)) {
      warnings.push(
        `in ${path}, certificate ${index + 2} is not the issuer of the one before it; check the order`,
      );
    }
  }
  if (chain.length === 1 && !isSelfSigned(leaf)) {
    const issuer = leaf.issuer.replaceAll('\n', ', ');
    warnings.push(
      `${path} contains only the server's certificate, without that of its issuer (${issuer}); clients may not trust it`,
    );
  }
  return warnings;
}

export interface CertificatesOptions {
  nowMs?: () => number;
  /** Something an operator should read. */
  writeLog(level: 'error' | 'warn' | 'info', text: string): void;
}

/** The pair in use. Owns a timer: close it. */
export class Certificates {
  readonly #files: CertificateFiles;
  readonly #options: CertificatesOptions;
  readonly #nowMs: () => number;
  #current: ReadCertificate;
  #stamp: string;
  #unwatch: (() => void) | undefined;
  #brokenLooks = 0;
  #checkedOn: number;
  /** Called when another pair is in use. */
  onChange: (() => void) | undefined;

  /** Fault: the pair cannot be used. */
  constructor(files: CertificateFiles, options: CertificatesOptions) {
    this.#files = files;
    this.#options = options;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#stamp = this.#stampNow();
    this.#current = readCertificate(files, this.#nowMs());
    this.#checkedOn = this.#nowMs();
    for (const warning of this.#current.warnings) options.writeLog('warn', warning);
  }

  get context(): SecureContext {
    return this.#current.context;
  }

  get leaf(): X509Certificate {
    return this.#current.leaf;
  }

  /** From now on changes of the files are noticed. */
  watch(): void {
    this.#unwatch ??= lookRepeatedly(() => this.look());
  }

  /** Reads the files again if they changed, or warns once a day of what runs out. */
  look(): void {
    const stamp = this.#stampNow();
    if (stamp !== this.#stamp) {
      this.#replace(stamp, this.#brokenLooks + 1 >= brokenLooksAtMost);
    } else if (this.#nowMs() - this.#checkedOn >= dayMs) {
      this.#checkedOn = this.#nowMs();
      for (const text of warningsOf(this.#current.chain, this.#files.certificate, this.#nowMs())) {
        this.#options.writeLog('warn', text);
      }
    }
  }

  /** Reads the files now, changed or not (SIGHUP). False: the old pair stays. */
  reload(): boolean {
    return this.#replace(this.#stampNow(), true);
  }

  #replace(stamp: string, isFinal: boolean): boolean {
    try {
      const next = readCertificate(this.#files, this.#nowMs());
      const isOther = next.leaf.fingerprint256 !== this.#current.leaf.fingerprint256;
      this.#current = next;
      this.#stamp = stamp;
      this.#brokenLooks = 0;
      this.#checkedOn = this.#nowMs();
      if (isOther) {
        const until = new Date(Date.parse(next.leaf.validTo)).toISOString().slice(0, 10);
        this.#options.writeLog('info', `New certificate loaded, valid until ${until}`);
      }
      for (const warning of next.warnings) this.#options.writeLog('warn', warning);
      this.onChange?.();
      return true;
    } catch (error) {
      this.#brokenLooks++;
      if (isFinal) {
        this.#stamp = stamp;
        this.#brokenLooks = 0;
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.writeLog(
          'error',
          `Cannot load the new certificate: ${reason}; the old one stays in use`,
        );
      }
      return false;
    }
  }

  /** Also where this user may not look any more: the server was started as root and is somebody else now. */
  #stampNow(): string {
    return [this.#files.certificate, this.#files.key].map(stampAt).join(' ');
  }

  close(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
  }
}
