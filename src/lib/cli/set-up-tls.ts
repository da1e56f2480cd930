// What the flags of `dp init` say about encryption, and what follows from them where nothing is asked.

import * as path from 'node:path';
import { refusal } from '../core/errors.js';
import { readPublicName } from '../core/public-names.js';
import { startup } from '../core/settings/startup.js';
import type { AcmeChoice, SetUp, TlsChoice } from './set-up.js';

export interface TlsFlags {
  tls?: TlsChoice['kind'] | undefined;
  'ssl-cert'?: string | undefined;
  'ssl-key'?: string | undefined;
  acme?: string | undefined;
  'acme-email'?: string | undefined;
  'acme-directory'?: string | undefined;
  'acme-directory-ca'?: string | undefined;
  'acme-accept-terms'?: boolean | undefined;
}

/** What is known before anything is asked. */
export interface TlsAnswers {
  /** Undefined: it is to be asked. */
  kind: TlsChoice['kind'] | undefined;
  files: { certificate: string; key: string } | undefined;
  acme: Partial<Omit<AcmeChoice, 'kind'>>;
}

/** Refusal where flags contradict each other, or a value is invalid. */
export function readTlsFlags(flags: TlsFlags): TlsAnswers {
  const { 'ssl-cert': certificate, 'ssl-key': key, 'acme-directory-ca': directoryCa } = flags;
  const acme = {
    ...(flags.acme !== undefined && { names: readNames(flags.acme) }),
    ...(flags['acme-email'] !== undefined && { email: flags['acme-email'] }),
    ...(flags['acme-directory'] !== undefined && { directory: flags['acme-directory'] }),
    ...(directoryCa !== undefined && { directoryCa: path.resolve(directoryCa) }),
    ...(flags['acme-accept-terms'] !== undefined && { acceptsTerms: flags['acme-accept-terms'] }),
  };
  const files =
    certificate === undefined || key === undefined
      ? undefined
      : { certificate: path.resolve(certificate), key: path.resolve(key) };
  const kind = flags.tls ?? (flags.acme !== undefined ? 'acme' : files && 'files');
  if (files !== undefined && kind !== 'files') throw refusal('tls-with-files', { tls: String(kind) });
  if (kind === 'files' && files === undefined) throw refusal('tls-without-files');
  const first = Object.keys(flags).find((name) => name.startsWith('acme') && isGiven(flags, name));
  if (kind !== undefined && kind !== 'acme' && first !== undefined) {
    throw refusal('options-exclusive', { one: `--tls ${kind}`, other: `--${first}` });
  }
  for (const name of ['acme-email', 'acme-directory'] as const) {
    const value = flags[name];
    if (value && startup[name].kind.parse(value) === undefined) {
      throw refusal('option-invalid', { option: `--${name}`, value, expected: startup[name].kind.expected });
    }
  }
  return { kind, files, acme };
}

function isGiven(flags: TlsFlags, name: string): boolean {
  return flags[name as keyof TlsFlags] !== undefined;
}

/** Undefined: nothing is said, so that it stays as it is. Refusal where a name is missing or not public. */
export function decideTls(
  { kind, files, acme }: TlsAnswers,
  { start }: SetUp,
  localHost: string | undefined,
): TlsChoice | undefined {
  const meant = kind ?? (Object.keys(acme).length > 0 ? 'acme' : undefined);
  if (meant === undefined) return undefined;
  if (meant === 'files') return files && { kind: meant, ...files };
  if (meant !== 'acme') return { kind: meant };
  const names = acme.names ?? readNames(start.DP_ACME ?? localHost ?? start.DP_LOCAL_HOST ?? '');
  return { kind: meant, ...acme, names };
}

/** Refusal where one is not a public name. */
export function readNames(text: string): string[] {
  const names = text.split(/[\s,]+/).filter((name) => name !== '');
  return (names.length === 0 ? [''] : names).map((name) => readPublicName(name));
}
