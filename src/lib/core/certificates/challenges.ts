// How an authority checks that a name leads here (RFC 8555 §8.3, RFC 8737), and what this server answers meanwhile.

export const challengeKinds = ['http-01', 'tls-alpn-01'] as const;
export type ChallengeKind = (typeof challengeKinds)[number];

/** The port at which an authority looks, whatever this server listens on. */
export const challengePorts: Readonly<Record<ChallengeKind, number>> = { 'http-01': 80, 'tls-alpn-01': 443 };

/** The protocol that an authority names in its TLS handshake when it checks. */
export const challengeProtocol = 'acme-tls/1';
export const challengePath = '/.well-known/acme-challenge/';

/** The answers that are waiting to be asked for. `Context` is what a TLS listener needs for its answer. */
export class ChallengeAnswers<Context> {
  readonly #byToken = new Map<string, string>();
  readonly #byName = new Map<string, Context>();

  /** The text for a token in a path below `challengePath`; undefined: nobody is expected to ask. */
  answerFor(token: string): string | undefined {
    return this.#byToken.get(token);
  }

  /** For the name in a TLS handshake with `challengeProtocol`. */
  contextFor(name: string): Context | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** Returns how to take it back. */
  addToken(token: string, text: string): () => void {
    this.#byToken.set(token, text);
    return () => void this.#byToken.delete(token);
  }

  addName(name: string, context: Context): () => void {
    this.#byName.set(name.toLowerCase(), context);
    return () => {
      if (this.#byName.get(name.toLowerCase()) === context) this.#byName.delete(name.toLowerCase());
    };
  }
}
