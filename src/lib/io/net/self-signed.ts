// Certificates that a server makes for itself (RFC 5280). Clients remember the key of a server, so a renewal keeps it.
import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  type X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { parseAddress } from '../../core/addresses.js';
import {
  bitString,
  bytesInContext,
  envelope,
  inContext,
  objectId,
  octetString,
  positive,
  sequence,
  tags,
  time,
  utf8,
} from './der.js';

export interface SelfSignedOptions {
  /** Host names and addresses under which people reach the server; the first one is its main name. */
  names: readonly string[];
  /** Key to keep; a new one (P-256) when left out. */
  key?: KeyObject;
  days: number;
  nowMs: number;
  /** Beside those that every server's certificate has. */
  extensions?: readonly Buffer[];
}

/** How a key signs: the name of the algorithm in a certificate, and what it is called by Node. */
export interface Algorithm {
  id: Buffer;
  digest: string | null;
}

const algorithms: Readonly<Record<string, Algorithm>> = {
  rsa: { id: sequence(objectId('1.2.840.113549.1.1.11'), envelope(tags.nothing)), digest: 'sha256' },
  ec: { id: sequence(objectId('1.2.840.10045.4.3.2')), digest: 'sha256' },
  ed25519: { id: sequence(objectId('1.3.101.112')), digest: null },
};

/** What every client of the last ten years takes, and quicker than RSA for the server. */
export function makeKey(): KeyObject {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
}

/** Throws for a key of a kind that no client would take. */
export function algorithmOf(key: KeyObject): Algorithm {
  const algorithm = algorithms[key.asymmetricKeyType ?? ''];
  if (!algorithm) throw new TypeError(`cannot make a certificate for a key of type ${key.asymmetricKeyType}`);
  return algorithm;
}

/** An extension of a certificate or of a request for one. */
export function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return sequence(
    objectId(id),
    ...(isCritical ? [envelope(tags.boolean, Buffer.of(0xff))] : []),
    octetString(value),
  );
}

/** subjectAltName */
export function namesExtension(names: readonly string[]): Buffer {
  return extension('2.5.29.17', sequence(...names.map(alternativeName)));
}

/** Certificate and key as PEM. Throws for a key of a kind that no client would take. */
export function makeSelfSigned(options: SelfSignedOptions): { certificate: string; key: string } {
  const { names, days, nowMs } = options;
  const key = options.key ?? makeKey();
  const algorithm = algorithmOf(key);
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const name = sequence(envelope(tags.set, sequence(objectId('2.5.4.3'), utf8(names[0] ?? ''))));
  const content = sequence(
    inContext(0, positive(Buffer.of(2))), // version 3
    positive(randomBytes(16)),
    algorithm.id,
    name,
    // A clock that is a little behind must not see a certificate from the future.
    sequence(time(nowMs - 3_600_000), time(nowMs + days * 86_400_000)),
    name,
    publicKey,
    inContext(
      3,
      sequence(
        ...extensions(names, publicKey, key.asymmetricKeyType === 'rsa'),
        ...(options.extensions ?? []),
      ),
    ),
  );
  const certificate = sequence(content, algorithm.id, bitString(sign(algorithm.digest, content, key)));
  return {
    certificate: pem('CERTIFICATE', certificate),
    key: key.export({ type: 'pkcs8', format: 'pem' }) as string,
  };
}

function extensions(names: readonly string[], publicKey: Uint8Array, isRsa: boolean): Buffer[] {
  // digitalSignature, and keyEncipherment for the key exchange of RSA
  const usage = isRsa ? bitString(Buffer.of(0xa0), 5) : bitString(Buffer.of(0x80), 7);
  return [
    extension('2.5.29.19', sequence(), true), // basicConstraints: no authority
    extension('2.5.29.15', usage, true),
    extension('2.5.29.37', sequence(objectId('1.3.6.1.5.5.7.3.1'))), // serverAuth
    extension('2.5.29.14', octetString(createHash('sha1').update(publicKey).digest())), // subjectKeyIdentifier
    namesExtension(names),
  ];
}

/** subjectAltName: an address in its bytes, or a name in ASCII. */
function alternativeName(name: string): Buffer {
  const address = isIP(name) ? parseAddress(name) : undefined;
  if (address) return bytesInContext(7, address);
  return bytesInContext(2, Buffer.from(domainToASCII(name) || name, 'utf8'));
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** The host names and addresses that a certificate is for, in its order. */
export function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '')
    .split(/,\s*/)
    .filter((entry) => entry !== '')
    .map((entry) => entry.replace(/^(DNS|IP Address):/, '').replace(/^"(.*)"$/, '$1'));
}
