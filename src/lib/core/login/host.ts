// host: a new session (login.md §9).
import { integerOf, type JsonObject, textOf } from '../protocol/command.js';
import { compareVersions, needsSystemId, parseVersion } from '../protocol/version.js';
import { isValidAlias } from '../session/session-id.js';
import type { SessionOptions } from '../session/session-options.js';
import { readFlag, readText } from '../session/setting-values.js';
import { takeClientInfo } from './client-info.js';
import type { Login } from './login.js';
import { applyServerBan } from './server-ban.js';
import type { LoginStep } from './states.js';

export const host: LoginStep = (login, { kwargs }) => {
  const { settings, directory } = login.needs;
  const identity = login.identity!;
  if (!takeClientInfo(login, kwargs)) return;
  if (login.lookup?.kind === 'join' && login.lookup.id !== '') {
    login.fail('lookupHostMismatch', 'You asked to join a session, not to host one');
    return;
  }
  // A password that cannot be read must not become none.
  const password = kwargs.password === undefined ? '' : readText(kwargs.password);
  if (password === undefined) {
    login.fail('syntax', 'The password must be a text');
    return;
  }
  const hostProblem = hostRefusal(login, password);
  if (hostProblem) {
    login.fail(hostProblem.code, hostProblem.text);
    return;
  }
  if (identity.isGhost) {
    login.fail('ghostHost', 'Ghosts cannot host sessions');
    return;
  }
  const protocol = textOf(kwargs.protocol);
  const version = parseVersion(protocol);
  if (!version) {
    login.fail('syntax', 'Unparsable protocol version');
    return;
  }
  const least = parseVersion(settings.get('minimumProtocolVersion'));
  if (least && !identity.isModerator) {
    if (version.namespace !== least.namespace) {
      login.fail('protoverns', `Only protocol versions of the kind ${least.namespace} are allowed`);
      return;
    }
    if (compareVersions(version, least) < 0) {
      const text = `Your version of Drawpile is too old to host here, the least is ${settings.get('minimumProtocolVersion')}. You can get a newer one from drawpile.net.`;
      login.fail('protoverold', text);
      return;
    }
  }
  if (needsSystemId(version) && !login.clientInfo?.sid) {
    login.violate('no system id');
    return;
  }
  const userId = integerOf(kwargs.user_id);
  if (userId < 1 || userId > 254) {
    login.fail('syntax', 'Invalid user id (must be in range 1-254)');
    return;
  }
  const alias = textOf(kwargs.alias);
  if (alias !== '' && !isValidAlias(alias)) {
    login.fail('badAlias', 'Invalid session alias');
    return;
  }
  if (applyServerBan(login)) return;
  const refusal = directory.refusal({ alias, protocol });
  if (refusal !== undefined) {
    login.fail(refusal, refusalTexts[refusal]);
    return;
  }
  const wish: Wish = { alias, protocol, userId, kwargs };
  // Hashed first: there is no moment in which the session is there and open.
  if (password === '') {
    begin(login, wish, '');
  } else {
    login.wait<[string | undefined]>(
      (done) => login.needs.passwords.hash(password, done, login.connection.ip),
      (stored) => {
        if (stored === undefined) login.failBusy();
        else begin(login, wish, stored);
      },
    );
  }
};

interface Wish {
  alias: string;
  protocol: string;
  userId: number;
  kwargs: JsonObject;
}

/** `password`: its stored form, '' = none. */
function begin(login: Login, { alias, protocol, userId, kwargs }: Wish, password: string): void {
  const identity = login.identity!;
  const session = login.needs.directory.create({ alias, founder: identity.name, protocol });
  if (typeof session === 'string') {
    login.fail(session, refusalTexts[session]);
    return;
  }
  session.initialize({ flags: firstFlags(login, kwargs.web, password !== ''), password });
  const visitor = login.visitor({
    capabilities: textOf(kwargs.capabilities),
    clientInfo: { ...login.clientInfo?.values },
    isMinorIncompatible: false,
    inviteSecret: '',
  });
  login.result({
    state: 'host',
    message: 'Starting new session!',
    join: {
      id: session.alias || session.id,
      uniqueId: session.id,
      user: userId,
      flags: ['SKIP'],
      authId: identity.authId,
    },
  });
  login.enter(session, userId, visitor, { isHost: true });
}

const refusalTexts = {
  closed: 'This server is full',
  idInUse: 'This session id is already in use',
  badProtocol: 'This server does not support your protocol version',
};

/** Who may host what. Clients show texts of their own for these codes; scripts and the log have ours. */
function hostRefusal(login: Login, password: string): { code: string; text: string } | undefined {
  const { flags } = login.identity!;
  const unauthorized = (text: string) => ({ code: 'unauthorizedHost', text });
  if (!flags.has('HOST')) return unauthorized('You may not host sessions here');
  if (!login.connection.isBrowser) return undefined;
  if (!flags.has('WEB')) return unauthorized('Guests may not use this server from a web browser');
  if (!flags.has('WEBHOST')) return unauthorized('You may not host sessions from a web browser here');
  const needsPassword = !flags.has('WEBSESSION') && login.needs.settings.get('passwordDependentWebSession');
  return needsPassword && password === ''
    ? { code: 'passwordedHost', text: 'From a web browser you can host only sessions with a password here' }
    : undefined;
}

/** Whether browsers may join a new session: what the host says counts, where it may say so. sessions.md §26 */
function allowsWeb(login: Login, web: unknown, hasPassword: boolean): boolean {
  if (login.connection.isBrowser) return true;
  const maySay = login.identity!.flags.has('WEBSESSION');
  const said = maySay ? readFlag(web) : undefined;
  if (said !== undefined) return said;
  return login.needs.settings.get('passwordDependentWebSession') ? hasPassword : maySay;
}

/** What a new session starts with (sessions.md §26, last paragraph). */
function firstFlags(login: Login, web: unknown, hasPassword: boolean): Partial<SessionOptions> {
  const { settings } = login.needs;
  const { isBrowser } = login.connection;
  const policy = settings.get('unlistedHostPolicy').toUpperCase();
  return {
    allowWeb: allowsWeb(login, web, hasPassword),
    nsfm: settings.get('forceNsfm'),
    invites: settings.get('invites'),
    unlisted: policy.includes('ALL') || (isBrowser && policy.includes('WEB')),
  };
}
