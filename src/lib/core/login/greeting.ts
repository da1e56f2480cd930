// The greeting: the server's first message, with its capabilities and login methods (login.md §2).
import type { JsonObject } from '../protocol/command.js';
import type { Login } from './login.js';

export function greeting(login: Login): JsonObject {
  const { needs, connection } = login;
  const { settings, accounts, externalLogin } = needs;
  const { isBrowser } = connection;
  const allowsGuests = settings.get('allowGuests') && (!isBrowser || settings.get('allowGuestWeb'));
  const guestsMayHost = settings.get('allowGuestHosts') && (!isBrowser || settings.get('allowGuestWebHosts'));
  const rules = settings.get('ruleText').trim();
  const info = settings.get('loginInfoUrl');

  const flags: string[] = [];
  if (settings.get('sessionCountLimit') > 1) flags.push('MULTI');
  if (settings.get('persistence')) flags.push('PERSIST');
  if (connection.canStartTls && needs.tls !== 'none') {
    flags.push('TLS');
    if (needs.tls === 'required') flags.push('SECURE');
  }
  if (!allowsGuests) flags.push('NOGUEST');
  if (settings.get('abusereport') && needs.reports.isEnabled) flags.push('REPORT');
  if (settings.get('customAvatars')) flags.push('AVATAR');
  if (needs.canSealBans) flags.push('CBANIMPEX');
  flags.push('MBANIMPEX', 'LOOKUP', 'CINFO');

  const methods: JsonObject = {};
  const joinAnd = (mayHost: boolean) => (mayHost ? ['join', 'host'] : ['join']);
  if (allowsGuests) methods.guest = { actions: joinAnd(guestsMayHost) };
  if (accounts.hasAny) methods.auth = { actions: ['join', 'host'] };
  if (externalLogin.url !== undefined) {
    methods.extauth = {
      url: externalLogin.url,
      actions: joinAnd(
        guestsMayHost || (settings.get('extauthhost') && (!isBrowser || settings.get('extauthwebhost'))),
      ),
    };
  }
  return {
    type: 'login',
    message: `Drawpile server ${needs.program}`,
    version: 4,
    flags,
    // A client fails when it finds the key and nothing fits, so better no key than an empty one.
    ...(Object.keys(methods).length > 0 && { methods }),
    ...(info && { info }),
    ...(rules && { rules }),
    ...(needs.directory.needs.hasWebSockets &&
      settings.get('preferWebSockets') && { preferWebSockets: true }),
  };
}
