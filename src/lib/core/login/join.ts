// join: into a session that exists, or one that a template makes (login.md §10).
import { flagOf, type JsonObject, textOf } from '../protocol/command.js';
import { needsSystemId, parseVersion } from '../protocol/version.js';
import { isClosed } from '../session/description.js';
import { sendFragments } from '../session/fragments.js';
import type { Session } from '../session/session.js';
import { readText } from '../session/setting-values.js';
import { takeClientInfo } from './client-info.js';
import type { Login } from './login.js';
import { inviteTexts } from './lookup.js';
import { applyServerBan } from './server-ban.js';
import type { LoginStep } from './states.js';

export const join: LoginStep = (login, { args, kwargs }) => {
  if (!takeClientInfo(login, kwargs)) return;
  const wanted = args[0];
  if (args.length !== 1 || typeof wanted !== 'string') {
    login.fail('syntax', 'Expected a session id');
    return;
  }
  const { lookup } = login;
  if (login.needs.settings.get('mandatoryLookup') && lookup?.kind !== 'join') {
    login.fail('lookupJoinMismatch', 'You did not ask to join a session');
    return;
  }
  const session = findSession(login, wanted);
  if (!session) return;
  if (lookup?.kind === 'join' && lookup.id !== '' && login.needs.directory.find(lookup.id) !== session) {
    login.fail('lookupMismatch', 'This is not the session that you looked up');
    return;
  }
  const version = parseVersion(session.protocol);
  if (version && needsSystemId(version) && !login.clientInfo?.sid) {
    login.violate('no system id');
    return;
  }
  // A session from the store is read through when the first one comes.
  login.wait<[string | undefined]>(
    (done) => session.open(done),
    (problem) => {
      if (problem !== undefined) login.fail('notFound', 'This session could not be loaded');
      else checkInvite(login, session, kwargs);
    },
  );
};

function findSession(login: Login, wanted: string): Session | undefined {
  const { directory } = login.needs;
  const found = directory.find(wanted);
  if (found) return found;
  const template = directory.findTemplate(wanted);
  const made = template && directory.instantiate(template);
  if (made && !('error' in made)) return made;
  if (made) login.note('error', 'Status', `Template ${wanted} could not be used: ${made.error}`);
  login.fail('notFound', 'Session not found!');
  return undefined;
}

/** An invite from the look-up, or one that was typed as the password. */
function checkInvite(login: Login, session: Session, kwargs: JsonObject): void {
  const sid = login.clientInfo?.sid ?? '';
  const password = readText(kwargs.password) ?? '';
  const fromLookup = login.lookup?.kind === 'join' ? login.lookup.inviteSecret : '';
  let secret = '';
  if (fromLookup !== '') {
    const use = session.invites.check(fromLookup, sid);
    if (typeof use === 'string') {
      login.fail(inviteTexts[use].code, inviteTexts[use].text);
      return;
    }
    secret = fromLookup;
  } else if (password !== '' && sid !== '') {
    const use = session.invites.check(password, sid);
    if (use === 'limitReached') {
      login.fail(inviteTexts[use].code, inviteTexts[use].text);
      return;
    }
    if (typeof use !== 'string') secret = password;
  }
  const hasWeb = login.needs.directory.needs.hasWebSockets;
  if (login.connection.isBrowser && !login.identity!.flags.has('WEB')) {
    login.fail('noWebJoin', 'Guests may not join sessions from a web browser on this server');
    return;
  }
  if (login.connection.isBrowser && hasWeb && !session.options.allowWeb && secret === '') {
    login.fail('noWebJoin', 'This session cannot be joined from a web browser');
    return;
  }
  if (login.identity!.isModerator) {
    checkName(login, session, kwargs, secret);
    return;
  }
  if (session.isShut) {
    login.fail('closed', 'This session is closed until an administrator has checked its stored settings');
    return;
  }
  const person = {
    username: login.identity!.name,
    authId: login.identity!.authId,
    ip: login.connection.ip,
    sid,
  };
  const ban = session.bans.find(person);
  if (ban) {
    session.note('info', 'Ban', `Join prevented by ban ${ban.id}`, {
      id: 0,
      ip: login.connection.ip,
      name: login.identity!.name,
    });
    login.fail('banned', `You have been banned from this session (ban ${ban.id})`);
    return;
  }
  if (secret !== '') {
    checkName(login, session, kwargs, secret);
    return;
  }
  if (isClosed(session)) {
    login.fail('closed', 'This session is closed');
    return;
  }
  if (session.options.authOnly && login.identity!.isGuest) {
    login.fail('authOnly', 'This session is only for registered users');
    return;
  }
  if (!session.password.isSet) {
    checkName(login, session, kwargs, secret);
    return;
  }
  login.checkPassword(
    `session ${session.id}`,
    (done, address) => session.password.verify(password, done, address),
    (matches) => {
      if (!matches) login.failPassword();
      else if (session.isEnded) login.fail('notFound', 'Session not found!');
      else if (isClosed(session)) login.fail('closed', 'This session is closed');
      else checkName(login, session, kwargs, secret);
    },
  );
}

/** Nobody has two seats; one's own dead connection is replaced (sessions.md §7.3). */
function checkName(login: Login, session: Session, kwargs: JsonObject, inviteSecret: string): void {
  const identity = login.identity!;
  const sid = login.clientInfo?.sid ?? '';
  const namesake = session.memberByName(identity.name);
  const isSelf =
    namesake !== undefined &&
    ((identity.authId !== '' && namesake.authId === identity.authId) ||
      (sid !== '' && namesake.visitor.sid === sid));
  if (namesake && !isSelf) {
    login.fail('nameInuse', 'This user name is already in use');
    return;
  }
  if (session.state.name === 'resetting') {
    login.fail('closed', 'This session is being reset, try again in a moment');
    return;
  }
  if (applyServerBan(login)) return;
  const userId =
    namesake?.id ?? session.userIds.choose(identity.name, (id) => session.member(id) !== undefined);
  if (userId === undefined) {
    login.fail('closed', 'This session is full');
    return;
  }
  useInvite(login, session, inviteSecret);
  const visitor = login.visitor({
    capabilities: textOf(kwargs.capabilities),
    clientInfo: { ...login.clientInfo?.values },
    isMinorIncompatible: flagOf(kwargs.oldv),
    inviteSecret,
  });
  const skipTo = session.skipPosition(textOf(kwargs.hidx), visitor);
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
  login.enter(session, userId, visitor, { isHost: false, ...(skipTo !== undefined && { skipTo }) });
}

function useInvite(login: Login, session: Session, secret: string): void {
  const invite = secret === '' ? undefined : session.invites.find(secret);
  if (!invite) return;
  const sid = login.clientInfo?.sid ?? '';
  const { name } = login.identity!;
  if (session.invites.use(invite, sid, name, login.needs.clock.now())) {
    session.write({ key: 'inviteUse', secret, sid, name });
    session.note('info', 'Invite', `Used an invite of ${invite.creator || 'an administrator'}`, {
      id: 0,
      ip: login.connection.ip,
      name,
    });
    sendFragments(session, ['invitelist']);
  }
}
