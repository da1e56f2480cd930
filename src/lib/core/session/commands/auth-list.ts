// auth-list [[entries]]: sets roles of accounts, present or not (sessions.md §8.5).
import { reason } from '../../errors/reason.js';
import { isJsonObject } from '../../protocol/command.js';
import { actorOf } from '../actor.js';
import { type FragmentsSession, sendFragments } from '../fragments.js';
import type { Member } from '../member.js';
import type { Roles } from '../roles.js';
import type { SessionCommand } from './command.js';

const entriesAtMost = 100;
/** Longer ones are no account of anybody. */
const textUnitsAtMost = 255;

export interface AuthListSession extends FragmentsSession {
  readonly roles: Roles;
}

export const authList: SessionCommand<AuthListSession> = {
  right: 'operator',
  bound: {
    burst: 30,
    perMinute: 60,
    keeps:
      '100 entries; 1,000 accounts of 255 characters are remembered per session, in an eighth of its size limit',
  },
  argCount: 1,
  run({ session, member, args }) {
    const entries = args[0];
    if (!Array.isArray(entries)) return reason('list-expected');
    if (entries.length > entriesAtMost) return reason('list-too-long', { most: entriesAtMost });
    const { roles } = session;
    const by = { actor: actorOf(member), isList: true } as const;
    let isChanged = false;
    const changed: Member[] = [];
    for (const entry of entries) {
      if (!isJsonObject(entry) || typeof entry.a !== 'string' || entry.a === '') continue;
      if (entry.a.length > textUnitsAtMost) continue;
      const authId = entry.a;
      const target = session.people.members.find((each) => each.authId === authId);
      if (target) {
        if (typeof entry.o === 'boolean' && target !== member && target.isOperator !== entry.o) {
          roles.setOne(target, 'operator', entry.o, by);
          changed.push(target);
          isChanged = true;
        }
        if (typeof entry.t === 'boolean' && target.isTrusted !== entry.t) {
          roles.setOne(target, 'trusted', entry.t, by);
          isChanged = true;
        }
        continue;
      }
      if (typeof entry.o === 'boolean' && roles.setAbsent(authId, 'operator', entry.o, by)) isChanged = true;
      if (typeof entry.t === 'boolean' && roles.setAbsent(authId, 'trusted', entry.t, by)) isChanged = true;
      if (
        typeof entry.u === 'string' &&
        entry.u !== '' &&
        entry.u.length <= textUnitsAtMost &&
        roles.accounts.name(authId, entry.u)
      ) {
        isChanged = true;
      }
    }
    if (isChanged) sendFragments(session, ['auth']);
    // The other lists are the same as before, except for those who may see them now, or may not any more.
    if (changed.length > 0) {
      sendFragments(session, ['banlist', 'invitelist'], { clearsOthers: true, to: changed });
    }
    return undefined;
  },
};
