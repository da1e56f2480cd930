// Requests for certificates (RFC 2986), the certificates with which a server answers an authority that checks a name in a
// TLS handshake (RFC 8737), and the number by which an authority is asked about one of its certificates (RFC 9773).

import { createHash, createPublicKey, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  bitString,
  elementsOf,
  envelope,
  inContext,
  objectId,
  octetString,
  positive,
  readElement,
  sequence,
  tags,
} from './der.js';
import { algorithmOf, extension, makeSelfSigned, namesExtension } from './self-signed.js';

/** DER. The names are host names in ASCII; the subject is empty, as authorities prefer it. */
export function makeCertificateRequest(names: readonly string[], key: KeyObject): Buffer {
  const algorithm = algorithmOf(key);
  const wanted = sequence(
    objectId('1.2.840.113549.1.9.14'), // extensionRequest
    envelope(tags.set, sequence(namesExtension(names))),
  );
  const content = sequence(
    positive(Buffer.of(0)), // version 1
    sequence(),
    createPublicKey(key).export({ type: 'spki', format: 'der' }),
    inContext(0, wanted),
  );
  return sequence(content, algorithm.id, bitString(sign(algorithm.digest, content, key)));
}

/** What a handshake for this name has to show: `text` is the key authorization of the check. */
export function makeChallengeContext(name: string, text: string, nowMs: number): SecureContext {
  const digest = createHash('sha256').update(text).digest();
  const { certificate, key } = makeSelfSigned({
    names: [name],
    days: 7,
    nowMs,
    extensions: [extension('1.3.6.1.5.5.7.1.31', octetString(digest), true)], // acmeIdentifier
  });
  return createSecureContext({ cert: certificate, key });
}

/** Undefined: its issuer gave it no key identifier. */
export function certificateNumber(pem: string): string | undefined {
  const certificate = new X509Certificate(pem);
  const content = readElement(readElement(certificate.raw)?.content ?? Buffer.alloc(0))?.content;
  const parts = elementsOf(content ?? Buffer.alloc(0));
  const serial = parts.find(({ tag }) => tag === tags.integer)?.content;
  const list = parts.find(({ tag }) => tag === 0xa3)?.content;
  const extensions = elementsOf(readElement(list ?? Buffer.alloc(0))?.content ?? Buffer.alloc(0));
  const authority = objectId('2.5.29.35');
  for (const { content: one } of extensions) {
    if (!one.subarray(0, authority.length).equals(authority)) continue;
    const value = elementsOf(one).find(({ tag }) => tag === tags.octetString)?.content;
    const fields = elementsOf(readElement(value ?? Buffer.alloc(0))?.content ?? Buffer.alloc(0));
    const issuer = fields.find(({ tag }) => tag === 0x80)?.content;
    if (issuer !== undefined && serial !== undefined)
      return `${issuer.toString('base64url')}.${serial.toString('base64url')}`;
  }
  return undefined;
}
