// host: a new session (login.md §9).
import { flagOf, integerOf, type JsonObject, textOf } from '../protocol/command.js';
import { compareVersions, needsSystemId, parseVersion } from '../protocol/version.js';
import { isValidAlias } from '../session/session-id.js';
import type { SessionOptions } from '../session/session-options.js';
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
  const password = textOf(kwargs.password);
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
  session.initialize({ flags: firstFlags(login, flagOf(kwargs.web), password !== ''), password });
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

function hostRefusal(login: Login, password: string): { code: string; text: string } | undefined {
  const { flags } = login.identity!;
  const unauthorized = { code: 'unauthorizedHost', text: 'You may not host sessions here' };
  if (!flags.has('HOST')) return unauthorized;
  if (!login.connection.isBrowser || flags.has('WEBHOST')) return undefined;
  if (login.needs.settings.get('passwordDependentWebSession')) {
    return password === ''
      ? {
          code: 'passwordedHost',
          text: 'From a web browser only sessions with a password can be hosted here',
        }
      : undefined;
  }
  return unauthorized;
}

/** What a new session starts with (sessions.md §26, last paragraph). */
function firstFlags(login: Login, wantsWeb: boolean, hasPassword: boolean): Partial<SessionOptions> {
  const { settings } = login.needs;
  const { flags } = login.identity!;
  const { isBrowser } = login.connection;
  const mayWeb = flags.has('WEBSESSION');
  const policy = settings.get('unlistedHostPolicy').toUpperCase();
  const allowWeb =
    isBrowser ||
    (mayWeb && wantsWeb) ||
    (settings.get('passwordDependentWebSession') ? hasPassword : mayWeb && !wantsWeb ? mayWeb : false);
  return {
    allowWeb,
    nsfm: settings.get('forceNsfm'),
    invites: settings.get('invites'),
    unlisted: policy.includes('ALL') || (isBrowser && policy.includes('WEB')),
  };
}
