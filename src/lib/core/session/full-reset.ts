// A manual reset while it is uploaded (sessions.md §13): the resetter's messages are kept apart until they are
// all there, then take the place of the whole history, or are forgotten.
import { Buffer } from 'node:buffer';
import type { Member } from './member.js';
import type { Timer } from './needs.js';
import { type MessageKey, replies, serverMessages } from './replies.js';
import type { Session } from './session.js';
import { texts } from './texts.js';

/** Without a message of the resetter for so long the reset is cancelled (OURS). */
const patienceMs = 5 * 60_000;

export type ResetKind = 'current' | 'past' | 'external' | 'unknown';

const announcements: Record<ResetKind, { key: MessageKey; text: string }> = {
  current: { key: 'resetpreparecurrent', text: 'is compressing the canvas' },
  past: { key: 'resetpreparepast', text: 'is going back to an earlier canvas' },
  external: { key: 'resetprepareexternal', text: 'is replacing the canvas' },
  unknown: { key: 'resetprepareby', text: 'is resetting the session' },
};

export class FullReset {
  readonly resetter: Member;
  readonly #session: Session;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #count = 0;
  #timer: Timer | undefined;
  #lastActive: number;

  constructor(session: Session, resetter: Member) {
    this.#session = session;
    this.resetter = resetter;
    this.#lastActive = session.needs.clock.monotonic();
  }

  /** Only while the session runs. */
  static begin(session: Session, resetter: Member, kind: ResetKind): void {
    const reset = new FullReset(session, resetter);
    session.beginReset(reset);
    const { key, text } = announcements[kind];
    session.sendToAll(
      replies.keyed('alert', key, { name: resetter.name }, texts.resetBegins(resetter.name, text), 'prepare'),
    );
    resetter.send(replies.resetInit());
    reset.#watch();
  }

  #watch(): void {
    const { clock } = this.#session.needs;
    const rest = this.#lastActive + patienceMs - clock.monotonic();
    this.#timer = clock.after(Math.max(rest, 1000), () => {
      if (clock.monotonic() - this.#lastActive >= patienceMs) this.cancel();
      else this.#watch();
    });
  }

  /** `init-begin`: what was under way when the reset began does not belong to the image. */
  restart(): void {
    this.#pieces = [];
    this.#bytes = 0;
    this.#count = 0;
    this.#lastActive = this.#session.needs.clock.monotonic();
  }

  receive(bytes: Buffer, start: number, end: number, count: number): void {
    this.#lastActive = this.#session.needs.clock.monotonic();
    this.#pieces.push(Buffer.from(bytes.subarray(start, end)));
    this.#bytes += end - start;
    this.#count += count;
    const limit = this.#session.historyLimit;
    if (limit > 0 && this.#bytes > limit) {
      this.resetter.disconnect('error', texts.resetLimit);
    }
  }

  /** `init-complete`. An empty image is a cancelled reset (§13.3 OURS). */
  complete(): void {
    if (this.#count === 0) {
      this.cancel();
      return;
    }
    const session = this.#session;
    const state = serverState(session);
    const total = this.#bytes + state.reduce((sum, frame) => sum + frame.length, 0);
    if (session.historyLimit > 0 && total > session.historyLimit) {
      session.sendToAll(replies.keyed('alert', 'resetfailed', {}, texts.resetTooLarge, 'failed'));
      this.#finish();
      return;
    }
    const pieces = this.#pieces;
    const count = this.#count;
    this.#pieces = [];
    session.stream.abort();
    const { history } = session;
    const handedOut = new Map(session.members.map((member) => [member, member.cursor]));
    history.replaceAll([...state, ...pieces], state.length + count);
    for (const member of handedOut.keys()) member.cursor = history.cursorAt(history.firstIndex);
    session.beginEra(session.needs.clock.now());
    session.autoResetBase = history.sizeBytes;
    session.sendToAll(replies.resetDone());
    session.sendToAll(replies.catchup(history.lastIndex - history.firstIndex, 0));
    session.sendStatus();
    session.store(replies.caughtUp(0, session.anchor()));
    session.storeConfig();
    session.restartRecording();
    this.#finish();
  }

  /** Back to the old canvas; what happened meanwhile is delivered. */
  cancel(): void {
    tellCancelled(this.#session);
    this.#finish();
  }

  #finish(): void {
    this.drop();
    this.#session.endReset(this.resetter);
  }

  /** Forgets everything; the state of the session is the caller's. */
  drop(): void {
    this.#pieces = [];
    this.#timer?.cancel();
  }
}

/** Everyone hears that no new canvas comes. */
export function tellCancelled(session: Session): void {
  session.sendToAll(replies.keyed('alert', 'resetcancel', {}, texts.resetCancelled, 'cancel'));
}

/** What the server itself knows and a new canvas begins with: who is here and what they are (§13.3). */
export function serverState(session: Session): Buffer[] {
  const frames: Buffer[] = [];
  for (const member of session.members) {
    if (member.isGhost) continue;
    frames.push(serverMessages.join(member.id, member.joinFlags, member.name, member.visitor.avatar));
  }
  const ids = (has: (member: Member) => boolean) => session.members.filter(has).map((member) => member.id);
  frames.push(
    serverMessages.sessionOwner(
      0,
      ids((member) => member.isOperator),
    ),
  );
  const trusted = ids((member) => member.isTrusted);
  if (trusted.length > 0) frames.push(serverMessages.trustedUsers(0, trusted));
  return frames;
}
