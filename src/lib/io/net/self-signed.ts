// Certificates that a server makes for itself. Clients remember the key of a server, so a renewal keeps it.
import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { generate } from 'selfsigned';

export interface SelfSignedWish {
  /** Host names and addresses under which people reach the server; the first one is its main name. */
  names: readonly string[];
  /** Key to keep; a new one (P-256) when left out. */
  key?: KeyObject;
  days: number;
  nowMs: number;
}

/** Certificate and key as PEM. */
export async function makeSelfSigned(wish: SelfSignedWish): Promise<{ certificate: string; key: string }> {
  const { names, key, days, nowMs } = wish;
  // A clock that is a little behind must not see a certificate from the future.
  const notBeforeDate = new Date(nowMs - 3_600_000);
  const made = await generate([{ name: 'commonName', value: names[0]! }], {
    notBeforeDate,
    notAfterDate: new Date(nowMs + days * 86_400_000),
    algorithm: 'sha256',
    keyType: key?.asymmetricKeyType === 'rsa' ? 'rsa' : 'ec',
    ...(key && {
      keyPair: {
        privateKey: key.export({ type: 'pkcs8', format: 'pem' }) as string,
        publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }) as string,
      },
    }),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyEncipherment: key?.asymmetricKeyType === 'rsa' },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
  });
  return { certificate: made.cert, key: made.private };
}

/** The host names and addresses that a certificate is for, in its order. */
export function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '')
    .split(/,\s*/)
    .filter((entry) => entry !== '')
    .map((entry) => entry.replace(/^(DNS|IP Address):/, '').replace(/^"(.*)"$/, '$1'));
}
