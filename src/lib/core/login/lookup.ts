// The `lookup` command: whether the client wants to host or to join, and which session (login.md §5).

import type { SessionDescription } from '../session/description.js';
import { invitedDescription } from '../session/description.js';
import type { Login } from './login.js';
import type { PlainRefusal } from './refusals.js';
import type { LoginStep } from './step.js';

/** The refusal for each reason why an invite cannot be used. */
export const inviteRefusals = {
  notFound: 'inviteNotFound',
  limitReached: 'inviteLimitReached',
  noSystemId: 'inviteNoClientKey',
} as const satisfies Record<string, PlainRefusal>;

export const lookup: LoginStep<'lookup' | 'ident'> = ({ login, advance }, { args }) => {
  if (login.lookup.kind !== 'none') {
    login.fail('lookupAlreadyDone');
    return;
  }
  if (args.length > 1) {
    login.fail('lookupArguments');
    return;
  }
  const wanted = args[0];
  if (wanted === undefined) {
    login.lookup = { kind: 'host' };
    advance();
    login.result({ lookup: 'host', message: 'Host lookup OK!' });
    return;
  }
  if (typeof wanted !== 'string' || wanted === '') {
    if (login.needs.settings.get('mandatoryLookup')) {
      login.fail('lookupRequired');
      return;
    }
    login.lookup = { kind: 'join', id: '', inviteSecret: '' };
    advance();
    login.result({ lookup: 'join', message: 'Empty join lookup OK!' });
    return;
  }
  const colon = wanted.lastIndexOf(':');
  const id = colon < 0 ? wanted : wanted.slice(0, colon);
  const inviteSecret = colon < 0 ? '' : wanted.slice(colon + 1);
  const session = describe(login, id, inviteSecret);
  if (!session) return;
  login.lookup = { kind: 'join', id, inviteSecret };
  advance();
  login.result({ lookup: 'join', session, message: 'Join lookup OK!' });
};

function describe(login: Login, id: string, inviteSecret: string): SessionDescription | undefined {
  const { directory } = login.needs;
  const session = directory.find(id);
  if (!session) {
    const template = directory.findTemplate(id);
    if (template) return directory.describeTemplate(template, true);
    login.fail('lookupFailed');
    return undefined;
  }
  if (inviteSecret === '') return session.describe();
  // Clients before 2.2.2 say who they are only when they join. The invite is looked at then, and the code of the refusal
  // names what is wrong with it.
  const sid = login.clientInfo?.sid ?? '';
  const use = sid === '' ? undefined : session.invites.check(inviteSecret, sid);
  if (typeof use === 'string') {
    login.fail(inviteRefusals[use]);
    return undefined;
  }
  return invitedDescription(session.describe());
}
