// A certificate that another one has signed, for tests of chains.
import { generate } from 'selfsigned';

export async function issuedCertificate(): Promise<{ leaf: string; issuer: string; key: string }> {
  const ca = await generate([{ name: 'commonName', value: 'Test authority' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true },
    ],
  });
  const leaf = await generate([{ name: 'commonName', value: 'localhost' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    ca: { key: ca.private, cert: ca.cert },
  });
  return { leaf: leaf.cert, issuer: ca.cert, key: leaf.private };
}
