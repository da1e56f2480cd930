// Muting: whose chat is not heard (sessions.md §8); by operators and administrators alike.
import { type FragmentsRoom, sendFragments } from './fragments.js';
import type { Member, Visitor } from './member.js';
import { replies } from './replies.js';
import type { Notes } from './session-notes.js';
import { texts } from './texts.js';

export interface MutingRoom extends FragmentsRoom, Notes {
  readonly roles: FragmentsRoom['roles'] & {
    readonly guests: { set(visitor: Visitor, role: 'muted', has: boolean): void };
  };
}

/** `by`: the name of who decided. The one whom it is about is told, who could not know otherwise. */
export function setMuted(session: MutingRoom, member: Member, isMuted: boolean, by: string): void {
  member.become('muted', isMuted);
  session.roles.guests.set(member.visitor, 'muted', isMuted);
  sendFragments(session, ['muted']);
  session.note(
    'info',
    isMuted ? 'Mute' : 'Unmute',
    `${isMuted ? 'Muted' : 'Unmuted'} by ${by}`,
    member.logUser,
  );
  member.send(replies.message(isMuted ? texts.muted(by) : texts.unmuted(by)));
}
