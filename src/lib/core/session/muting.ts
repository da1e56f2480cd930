// Muting: whose chat is not heard (sessions.md §8); by operators and administrators alike.
import { sendFragments } from './fragments.js';
import type { Member } from './member.js';
import { replies } from './replies.js';
import { texts } from './texts.js';

/** `by`: the name of who decided. The one whom it is about is told, who could not know otherwise. */
export function setMuted(member: Member, isMuted: boolean, by: string): void {
  const { session } = member;
  member.isMuted = isMuted;
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
