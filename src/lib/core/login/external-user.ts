// What a user of the external login server may do here: which flags count, and the persistent identity. http.md
// §3.6. Flags that everybody has (HOST, WEB … by the allowGuest… settings) are added elsewhere.

import { accountFlags, isAccountFlag } from '../settings/account-flags.js';
import type { SettingsReader } from '../settings/settings.js';
import type { ExternalUser } from './needs.js';

/** The flags that count, or the error code with which the login ends. Case-sensitive. */
export function externalFlags(
  flags: readonly string[],
  settings: SettingsReader,
): { flags: readonly string[] } | { error: 'ghostsNotAllowed' | 'ghostWithoutMod' } {
  const counts = (flag: string): boolean =>
    !isAccountFlag(flag) || accountFlags[flag].external.every((name) => settings.get(name) === true);
  const kept = [...new Set(flags.filter(counts))];
  if (flags.includes('GHOST')) {
    if (!kept.includes('GHOST')) return { error: 'ghostsNotAllowed' };
    if (!kept.includes('MOD')) return { error: 'ghostWithoutMod' };
  }
  return { flags: kept };
}

/** `<host of the login server>:<uid>`, the name where there is no uid. */
export function externalAuthId(
  url: string,
  { uid, username }: Pick<ExternalUser, 'uid' | 'username'>,
): string {
  const [, host = ''] = /^[a-z]+:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/:?#]*)/i.exec(url) ?? [];
  return `${host.toLowerCase()}:${uid ?? username}`;
}
