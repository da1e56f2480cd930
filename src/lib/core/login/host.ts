// The `host` command: creates a session (login.md §9).
import { integerOf, type JsonObject, textOf } from '../protocol/command.js';
import { compareVersions, needsSystemId, parseVersion } from '../protocol/version.js';
import type { HostRefusal } from '../session/directory.js';
import { isValidAlias } from '../session/session-id.js';
import { readFlag, readText } from '../settings/session-setting-values.js';
import type { SessionOptions } from '../settings/session-settings.js';
import { takeClientInfo } from './client-info.js';
import type { Login } from './login.js';
import type { Identity } from './progress.js';
import type { PlainRefusal } from './refusals.js';
import { applyServerBan } from './server-ban.js';
import type { LoginStep, StepContext } from './step.js';

export const host: LoginStep<'lobby', 'done'> = ({ login, state, advance }, { kwargs }) => {
  const { settings, directory } = login.needs;
  const { identity } = state;
  if (!takeClientInfo(login, kwargs)) return;
  if (login.lookup.kind === 'join' && login.lookup.id !== '') {
    login.fail('lookupHostMismatch');
    return;
  }
  // A password that cannot be read must not become none.
  const password = kwargs.password === undefined ? '' : readText(kwargs.password);
  if (password === undefined) {
    login.fail('passwordNoText');
    return;
  }
  const hostProblem = hostRefusal(login, identity, password);
  if (hostProblem) {
    login.fail(hostProblem);
    return;
  }
  if (identity.isGhost) {
    login.fail('ghostHost');
    return;
  }
  const protocol = textOf(kwargs.protocol);
  const version = parseVersion(protocol);
  if (!version) {
    login.fail('protocolUnreadable');
    return;
  }
  const least = parseVersion(settings.get('minimumProtocolVersion'));
  if (least && !identity.isModerator) {
    if (version.namespace !== least.namespace) {
      login.fail('protoverns', { namespace: least.namespace });
      return;
    }
    if (compareVersions(version, least) < 0) {
      login.fail('protoverold', { version: settings.get('minimumProtocolVersion') });
      return;
    }
  }
  if (needsSystemId(version) && !login.clientInfo?.sid) {
    login.violate('Client info without system id');
    return;
  }
  const userId = integerOf(kwargs.user_id);
  if (userId < 1 || userId > 254) {
    login.fail('userIdInvalid');
    return;
  }
  const alias = textOf(kwargs.alias);
  if (alias !== '' && !isValidAlias(alias)) {
    login.fail('badAlias');
    return;
  }
  if (applyServerBan(login)) return;
  const refusal = directory.refusal({ alias, protocol });
  if (refusal !== undefined) {
    login.fail(directoryRefusals[refusal]);
    return;
  }
  const request: HostRequest = { identity, alias, protocol, userId, kwargs, advance };
  // Hashed first, so that the session never exists without its password.
  if (password === '') {
    begin(login, request, '');
  } else {
    login.wait<[string | undefined]>(
      (done) => login.needs.passwords.hash(password, done, login.connection.ip),
      (stored) => {
        if (stored === undefined) login.failBusy();
        else begin(login, request, stored);
      },
    );
  }
};

interface HostRequest {
  identity: Identity;
  alias: string;
  protocol: string;
  userId: number;
  kwargs: JsonObject;
  advance: StepContext<'lobby', 'done'>['advance'];
}

/** `password`: its stored form, '' = none. */
function begin(login: Login, request: HostRequest, password: string): void {
  const { identity, alias, protocol, userId, kwargs, advance } = request;
  const session = login.needs.directory.create({
    alias,
    founder: identity.name,
    address: login.connection.ip,
    protocol,
  });
  if (typeof session === 'string') {
    login.fail(directoryRefusals[session]);
    return;
  }
  session.config.initialize({ flags: firstFlags(login, identity, kwargs.web, password !== ''), password });
  const userInfo = login.userInfo(identity, {
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
  advance({ session, userId, userInfo, options: { isHost: true } });
}

const directoryRefusals = {
  closed: 'serverFull',
  idInUse: 'idInUse',
  badProtocol: 'badProtocol',
} as const satisfies Record<HostRefusal, PlainRefusal>;

/** Why this user may not host such a session; undefined: they may. */
function hostRefusal(login: Login, { flags }: Identity, password: string): PlainRefusal | undefined {
  if (!flags.has('HOST')) return 'mayNotHost';
  if (!login.connection.isBrowser) return undefined;
  if (!flags.has('WEB')) return 'mayNotUseWeb';
  if (!flags.has('WEBHOST')) return 'mayNotHostFromWeb';
  const needsPassword = !flags.has('WEBSESSION') && login.needs.settings.get('passwordDependentWebSession');
  return needsPassword && password === '' ? 'passwordedHost' : undefined;
}

/** Whether browsers may join a new session: what the host says counts, where it may say so. sessions.md §26 */
function allowsWeb(login: Login, { flags }: Identity, web: unknown, hasPassword: boolean): boolean {
  if (login.connection.isBrowser) return true;
  const maySay = flags.has('WEBSESSION');
  const said = maySay ? readFlag(web) : undefined;
  if (said !== undefined) return said;
  return login.needs.settings.get('passwordDependentWebSession') ? hasPassword : maySay;
}

/** What a new session starts with (sessions.md §26, last paragraph). */
function firstFlags(
  login: Login,
  identity: Identity,
  web: unknown,
  hasPassword: boolean,
): Partial<SessionOptions> {
  const { settings } = login.needs;
  const { isBrowser } = login.connection;
  const policy = settings.get('unlistedHostPolicy').toUpperCase();
  return {
    allowWeb: allowsWeb(login, identity, web, hasPassword),
    nsfm: settings.get('forceNsfm'),
    invites: settings.get('invites'),
    unlisted: policy.includes('ALL') || (isBrowser && policy.includes('WEB')),
  };
}
