// The `join` command: joins a session, which may be created from a template (login.md §10).
import { flagOf, type JsonObject, textOf } from '../protocol/command.js';
import { needsSystemId, parseVersion } from '../protocol/version.js';
import { isClosed } from '../session/description.js';
import { sendFragments } from '../session/fragments.js';
import type { Session } from '../session/session.js';
import { readText } from '../settings/session-setting-values.js';
import { takeClientInfo } from './client-info.js';
import type { Login } from './login.js';
import { inviteRefusals } from './lookup.js';
import type { Identity } from './progress.js';
import { applyServerBan } from './server-ban.js';
import type { LoginStep, StepContext } from './step.js';

export const join: LoginStep<'lobby', 'done'> = ({ login, state, advance }, { args, kwargs }) => {
  if (!takeClientInfo(login, kwargs)) return;
  const wanted = args[0];
  if (args.length !== 1 || typeof wanted !== 'string') {
    login.fail('joinArguments');
    return;
  }
  const { lookup } = login;
  if (login.needs.settings.get('mandatoryLookup') && lookup.kind !== 'join') {
    login.fail('lookupJoinMismatch');
    return;
  }
  const session = findSession(login, state.identity, wanted);
  if (!session) return;
  if (lookup.kind === 'join' && lookup.id !== '' && login.needs.directory.find(lookup.id) !== session) {
    login.fail('lookupMismatch');
    return;
  }
  const version = parseVersion(session.protocol);
  if (version && needsSystemId(version) && !login.clientInfo?.sid) {
    login.violate('Client info without system id');
    return;
  }
  // A stored session is read when the first user joins.
  login.wait<[string | undefined]>(
    (done) => session.open(done),
    (problem) => {
      if (problem !== undefined) login.fail('notLoadable');
      else checkInvite({ login, identity: state.identity, session, kwargs, advance });
    },
  );
};

function findSession(login: Login, { name }: Identity, wanted: string): Session | undefined {
  const { directory } = login.needs;
  const found = directory.find(wanted);
  if (found) return found;
  const template = directory.findTemplate(wanted);
  const actor = { kind: 'newcomer', name, address: login.connection.ip } as const;
  const made =
    template &&
    directory.instantiate(template, (session) => {
      const { alias, saved } = template;
      session.recordAction({ kind: 'instantiate', actor, effect: { template: alias, title: saved.title } });
    });
  if (made && !('error' in made)) return made;
  if (made) login.writeLog('error', 'Status', `Cannot use template '${wanted}': ${made.error}`);
  login.fail('notFound');
  return undefined;
}

/** A request to join a session that was found. */
interface JoinRequest {
  login: Login;
  identity: Identity;
  session: Session;
  kwargs: JsonObject;
  advance: StepContext<'lobby', 'done'>['advance'];
}

/** An invite from the look-up, or one that was typed as the password. */
function checkInvite(request: JoinRequest): void {
  const { login, identity, session, kwargs } = request;
  const sid = login.clientInfo?.sid ?? '';
  const password = readText(kwargs.password) ?? '';
  const fromLookup = login.lookup.kind === 'join' ? login.lookup.inviteSecret : '';
  let secret = '';
  if (fromLookup !== '') {
    const use = session.invites.check(fromLookup, sid);
    if (typeof use === 'string') {
      login.fail(inviteRefusals[use]);
      return;
    }
    secret = fromLookup;
  } else if (password !== '' && sid !== '') {
    const use = session.invites.check(password, sid);
    if (use === 'limitReached') {
      login.fail(inviteRefusals[use]);
      return;
    }
    if (typeof use !== 'string') secret = password;
  }
  const hasWeb = login.needs.directory.needs.hasWebSockets;
  if (login.connection.isBrowser && !identity.flags.has('WEB')) {
    login.fail('noWebForGuests');
    return;
  }
  if (login.connection.isBrowser && hasWeb && !session.options.allowWeb && secret === '') {
    login.fail('noWebJoin');
    return;
  }
  if (identity.isModerator) {
    checkName(request, secret);
    return;
  }
  if (session.isShut) {
    login.fail('sessionShut');
    return;
  }
  const person = {
    username: identity.name,
    authId: identity.authId,
    ip: login.connection.ip,
    sid,
  };
  const ban = session.bans.find(person);
  if (ban) {
    session.writeLog('info', 'Ban', `Join prevented by ban ${ban.id}`, {
      id: 0,
      ip: login.connection.ip,
      name: identity.name,
    });
    login.fail('banned', { ban: ban.id });
    return;
  }
  if (secret !== '') {
    checkName(request, secret);
    return;
  }
  if (isClosed(session)) {
    login.fail('sessionClosed');
    return;
  }
  if (session.options.authOnly && identity.isGuest) {
    login.fail('authOnly');
    return;
  }
  if (!session.password.isSet) {
    checkName(request, secret);
    return;
  }
  login.checkPassword(
    `session ${session.id}`,
    (done, address) => session.password.verify(password, done, address),
    (matches) => {
      if (!matches) login.failPassword();
      else if (session.isEnded) login.fail('notFound');
      else if (isClosed(session)) login.fail('sessionClosed');
      else checkName(request, secret);
    },
  );
}

/** A user is in a session once; their own dead connection is replaced (sessions.md §7.3). */
function checkName(request: JoinRequest, inviteSecret: string): void {
  const { login, identity, session, kwargs, advance } = request;
  const sid = login.clientInfo?.sid ?? '';
  const namesake = session.people.byName(identity.name);
  const isSelf =
    namesake !== undefined &&
    ((identity.authId !== '' && namesake.authId === identity.authId) ||
      (sid !== '' && namesake.userInfo.sid === sid));
  if (namesake && !isSelf) {
    login.fail('nameInuse');
    return;
  }
  if (session.state.name === 'resetting') {
    login.fail('sessionResetting');
    return;
  }
  if (applyServerBan(login)) return;
  const userId = namesake?.id ?? session.people.chooseId(identity.name);
  if (userId === undefined) {
    login.fail('sessionFull');
    return;
  }
  useInvite(request, inviteSecret);
  const userInfo = login.userInfo(identity, {
    capabilities: textOf(kwargs.capabilities),
    clientInfo: { ...login.clientInfo?.values },
    isMinorIncompatible: flagOf(kwargs.oldv),
    inviteSecret,
  });
  const skipTo = session.people.skipPosition(textOf(kwargs.hidx), userInfo);
  login.result({
    state: 'join',
    message: 'Joining a session!',
    join: {
      id: session.alias || session.id,
      uniqueId: session.id,
      user: userId,
      flags: ['SKIP'],
      authId: identity.authId,
      skip: skipTo !== undefined,
    },
  });
  const options = { isHost: false, ...(skipTo !== undefined && { skipTo }) };
  advance({ session, userId, userInfo, options });
}

function useInvite({ login, identity, session }: JoinRequest, secret: string): void {
  const invite = secret === '' ? undefined : session.invites.find(secret);
  if (!invite) return;
  const sid = login.clientInfo?.sid ?? '';
  const { name } = identity;
  if (session.invites.use(invite, sid, name, login.needs.clock.now())) {
    session.write({ key: 'inviteUse', secret, sid, name });
    session.writeLog('info', 'Invite', `Used invite created by ${invite.creator || 'an administrator'}`, {
      id: 0,
      ip: login.connection.ip,
      name,
    });
    sendFragments(session, ['invitelist']);
  }
}
