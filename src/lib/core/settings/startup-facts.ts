// What follows from several start options together.

interface Named {
  readonly 'local-host': string | undefined;
  readonly acme: readonly string[];
}

interface Encrypted {
  readonly 'ssl-cert': string | undefined;
  readonly acme: readonly string[];
}

/** The name under which users reach the server, as far as it was given one. */
export function publicNameOf(values: Named): string | undefined {
  return values['local-host'] ?? values.acme[0];
}

/** Connections are encrypted, by files or with a certificate from an authority. */
export function hasCertificate(values: Encrypted): boolean {
  return values['ssl-cert'] !== undefined || values.acme.length > 0;
}
