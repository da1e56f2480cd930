// What the listeners need of somebody else.
import type { SecureContext } from 'node:tls';

/** What proves to a certificate authority that a name leads to this server (RFC 8555). */
export interface Challenges {
  /** HTTP-01 (§8.3): the text for a token. Undefined: it is none of ours. */
  answerFor(token: string): string | undefined;
  /** TLS-ALPN-01 (RFC 8737): the certificate for a name. Undefined: nobody is to ask for it. */
  contextFor(name: string): SecureContext | undefined;
}
