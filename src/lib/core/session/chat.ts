// Chat and private chat (sessions.md §11). Frames here are copies that belong to the member.
import { Buffer } from 'node:buffer';
import { headerBytes } from '../protocol/frame.js';
import type { Member, Present } from './member.js';
import { replies, serverMessages } from './replies.js';
import { texts } from './texts.js';

const bypassFlag = 1;
const textAt = headerBytes + 2;

/** An administrator who follows what is said in a session. */
export interface ChatListener {
  chatReceived(member: Member, text: string, flags: number): void;
  /** The session is over, for whatever reason. */
  ended(): void;
}

export interface ChatSession {
  /** Said to everyone here. */
  chatReceived(member: Member, text: string, flags: number): void;
  readonly mayHaveEmptyChat: boolean;
  readonly people: Pick<Present, 'get'>;
  readonly flow: {
    sendToAll(frame: Buffer): void;
    storeFrom(member: Member, frame: Buffer): void;
  };
}

export function receiveChat(session: ChatSession, member: Member, frame: Buffer): void {
  if (member.isMuted) return;
  if (frame.length === textAt && !session.mayHaveEmptyChat) return;
  const text = frame.toString('utf8', textAt);
  if (member.isGhost) {
    // Nobody knows this id, so it is never stored as chat of it (sessions.md §7.7 OURS).
    session.flow.sendToAll(replies.alert(text));
    return;
  }
  session.chatReceived(member, text, frame.readUInt8(headerBytes + 1));
  if (frame.readUInt8(headerBytes) & bypassFlag) {
    // What goes out at once is the sender's own, also while it uploads the chat of others in an image.
    frame[3] = member.id;
    session.flow.sendToAll(frame);
  } else {
    session.flow.storeFrom(member, frame);
  }
}

export function receivePrivateChat(session: ChatSession, member: Member, frame: Buffer): void {
  const targetId = frame.readUInt8(headerBytes);
  if (member.isGhost) {
    member.send(serverMessages.privateChat(member.id, targetId, 0, texts.ghostChat));
    return;
  }
  const target = targetId === 0 ? undefined : session.people.get(targetId);
  if (!target || target.autoReset === 'awaiting') return;
  if (frame.length === textAt && !session.mayHaveEmptyChat) return;
  frame[3] = member.id;
  member.send(frame);
  target.send(frame);
}

/** The same frame, marked as chat that is in no history: for chat relayed when there is no room (§15 OURS). */
export function asBypassChat(frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  copy[headerBytes] = copy.readUInt8(headerBytes) | bypassFlag;
  return copy;
}
