// lookup: whether the client wants to host, to join, and what (login.md §5).

import type { SessionDescription } from '../session/description.js';
import { invitedDescription } from '../session/description.js';
import type { Login } from './login.js';
import type { LoginStep } from './states.js';

export const inviteTexts = {
  notFound: { code: 'inviteNotFound', text: 'This invite is not valid any more' },
  limitReached: { code: 'inviteLimitReached', text: 'This invite has been used up' },
  noSystemId: { code: 'inviteNoClientKey', text: 'Your version of Drawpile does not support invites' },
} as const;

export const lookup: LoginStep = (login, { args }) => {
  if (login.lookup) {
    login.fail('lookupAlreadyDone', 'The session was looked up already');
    return;
  }
  if (args.length > 1) {
    login.fail('syntax', 'Expected at most one argument');
    return;
  }
  const wanted = args[0];
  if (wanted === undefined) {
    login.lookup = { kind: 'host' };
    next(login);
    login.result({ lookup: 'host', message: 'Host lookup OK!' });
    return;
  }
  if (typeof wanted !== 'string' || wanted === '') {
    if (login.needs.settings.get('mandatoryLookup')) {
      login.fail('lookupRequired', 'On this server sessions can only be joined by a direct link');
      return;
    }
    login.lookup = { kind: 'join', id: '', inviteSecret: '' };
    next(login);
    login.result({ lookup: 'join', message: 'Empty join lookup OK!' });
    return;
  }
  const colon = wanted.lastIndexOf(':');
  const id = colon < 0 ? wanted : wanted.slice(0, colon);
  const inviteSecret = colon < 0 ? '' : wanted.slice(colon + 1);
  const session = describe(login, id, inviteSecret);
  if (!session) return;
  login.lookup = { kind: 'join', id, inviteSecret };
  next(login);
  login.result({ lookup: 'join', session, message: 'Join lookup OK!' });
};

function describe(login: Login, id: string, inviteSecret: string): SessionDescription | undefined {
  const { directory } = login.needs;
  const session = directory.find(id);
  if (!session) {
    const template = directory.findTemplate(id);
    if (template) return directory.describeTemplate(template, true);
    login.fail('lookupFailed', 'There is no such session');
    return undefined;
  }
  if (inviteSecret === '') return session.describe();
  // Clients before 2.2.2 say who they are only when they join. The invite is looked at then, and the code of the refusal
  // names what is wrong with it.
  const sid = login.clientInfo?.sid ?? '';
  const use = sid === '' ? undefined : session.invites.check(inviteSecret, sid);
  if (typeof use === 'string') {
    login.fail(inviteTexts[use].code, inviteTexts[use].text);
    return undefined;
  }
  return invitedDescription(session.describe());
}

function next(login: Login): void {
  if (login.state === 'lookup') login.state = 'ident';
}
