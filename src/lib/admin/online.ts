// Operations on everyone who is connected, in a session or not.

import { refusal } from '../core/errors.js';
import { requireLive } from './live.js';
import { change, look } from './operation.js';
import { describePerson, findPeer, kickPeer, peerOf } from './people.js';
import { described, flag, list, nothing, object, oneOf, text } from './schema.js';
import { requireMember, requireSession } from './session-actions.js';
import { kickMessage, ofMember, onlinePerson } from './session-shapes.js';

export const onlineOperations = {
  'online.list': look({
    summary: 'Everyone who is connected',
    // with their addresses
    role: 'moderator',
    input: nothing,
    output: list(onlinePerson),
    run: async (needs) => {
      const live = requireLive(needs);
      return live.peopleRows.allOnline(live.peers.all);
    },
  }),
  'online.get': look({
    summary: 'Show somebody who is connected',
    role: 'moderator',
    input: oneOf(object({ uid: text }), object(ofMember)),
    output: onlinePerson,
    run: async (needs, input) => {
      const live = requireLive(needs);
      if ('uid' in input) {
        const peer = findPeer(live, input.uid);
        if (!peer) throw refusal('user-offline', { uid: input.uid });
        return describePerson(live, peer);
      }
      const member = requireMember(await requireSession(live, input.session), input.user);
      const peer = peerOf(live, member);
      if (!peer) throw refusal('member-gone', { user: member.name });
      return describePerson(live, peer);
    },
  }),
  'online.kick': change('sessions', {
    summary: 'Close a connection',
    role: 'moderator',
    input: object({ uid: text }, { message: kickMessage }),
    output: object({ isForced: described(flag, 'it was already closing and has been cut off') }),
    run: async (needs, { uid, message = '' }) => {
      const live = requireLive(needs);
      const peer = findPeer(live, uid);
      if (!peer) throw refusal('user-offline', { uid });
      return kickPeer(needs, live, peer, message);
    },
  }),
};
