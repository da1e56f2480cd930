// A full reset while it is uploaded (sessions.md §13): the resetter's messages are collected separately until they
// are complete and replace the history, or are discarded.
import { Buffer } from 'node:buffer';
import type { ActionRecorder } from './actions.js';
import { actorOf } from './actor.js';
import type { Member, Present } from './member.js';
import type { MessageFlow } from './message-flow.js';
import type { Clock, Timer } from './needs.js';
import type { HandedReset, ResetUnderWay } from './phase.js';
import { type MessageKey, replies, serverMessages } from './replies.js';
import { texts } from './texts.js';

/** Without a message of the resetter for so long the reset is cancelled (OURS). */
const idleLimitMs = 5 * 60_000;

export type ResetKind = 'current' | 'past' | 'external' | 'unknown';

const announcements: Record<ResetKind, { key: MessageKey; text: string }> = {
  current: { key: 'resetpreparecurrent', text: 'is compressing the canvas' },
  past: { key: 'resetpreparepast', text: 'is going back to an earlier canvas' },
  external: { key: 'resetprepareexternal', text: 'is replacing the canvas' },
  unknown: { key: 'resetprepareby', text: 'is resetting the session' },
};

export interface ResetSession extends ActionRecorder {
  readonly needs: { readonly clock: Pick<Clock, 'monotonic' | 'after'> };
  readonly people: Pick<Present, 'members'>;
  readonly flow: Pick<
    MessageFlow,
    | 'adoptNew'
    | 'anchor'
    | 'history'
    | 'historyLimit'
    | 'restartRecording'
    | 'sendStatus'
    | 'sendToAll'
    | 'store'
  >;
  readonly config: { store(): void };
  /** A streamed reset, of which nothing is left when everything is replaced. */
  readonly stream: { abort(): void };
  /** False: it does not run, so nothing is reset. */
  beginReset(reset: ResetUnderWay): boolean;
  endReset(reset: ResetUnderWay): void;
}

export class FullReset implements ResetUnderWay {
  readonly resetter: Member;
  readonly #session: ResetSession;
  #pieces: Buffer[] = [];
  #bytes = 0;
  #count = 0;
  #timer: Timer | undefined;
  #lastActive: number;

  constructor(session: ResetSession, resetter: Member) {
    this.#session = session;
    this.resetter = resetter;
    this.#lastActive = session.needs.clock.monotonic();
  }

  /** Only while the session runs. */
  static begin(session: ResetSession, resetter: Member, kind: ResetKind): void {
    const reset = new FullReset(session, resetter);
    if (!session.beginReset(reset)) return;
    session.recordAction({ kind: 'reset', actor: actorOf(resetter), effect: { kind } });
    const { key, text } = announcements[kind];
    session.flow.sendToAll(
      replies.keyed('alert', key, { name: resetter.name }, texts.resetBegins(resetter.name, text), 'prepare'),
    );
    resetter.send(replies.resetInit());
    reset.#watch();
  }

  /** For a successor of this process. */
  handOver(): HandedReset {
    return {
      id: this.resetter.id,
      frames: this.#pieces,
      count: this.#count,
      activeAgo: this.#session.needs.clock.monotonic() - this.#lastActive,
    };
  }

  /** Continues an upload; nobody is notified. The state of the session is the caller's. */
  static takeOver(session: ResetSession, resetter: Member, handed: HandedReset): FullReset {
    const reset = new FullReset(session, resetter);
    reset.#pieces = [...handed.frames];
    reset.#bytes = handed.frames.reduce((sum, { length }) => sum + length, 0);
    reset.#count = handed.count;
    reset.#lastActive = session.needs.clock.monotonic() - handed.activeAgo;
    reset.#watch();
    return reset;
  }

  #watch(): void {
    const { clock } = this.#session.needs;
    const rest = this.#lastActive + idleLimitMs - clock.monotonic();
    this.#timer = clock.after(Math.max(rest, 1000), () => {
      if (clock.monotonic() - this.#lastActive >= idleLimitMs) this.cancel();
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
    const limit = this.#session.flow.historyLimit;
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
    const state = serverState(session.people);
    const total = this.#bytes + state.reduce((sum, frame) => sum + frame.length, 0);
    const limit = session.flow.historyLimit;
    if (limit > 0 && total > limit) {
      session.flow.sendToAll(replies.keyed('alert', 'resetfailed', {}, texts.resetTooLarge, 'failed'));
      this.#finish();
      return;
    }
    const pieces = this.#pieces;
    const count = this.#count;
    this.#pieces = [];
    session.stream.abort();
    const { flow } = session;
    const { history } = flow;
    flow.adoptNew([...state, ...pieces], state.length + count);
    flow.sendToAll(replies.resetDone());
    flow.sendToAll(replies.catchup(history.lastIndex - history.firstIndex, 0));
    flow.sendStatus();
    flow.store(replies.caughtUp(0, flow.anchor()));
    session.config.store();
    flow.restartRecording();
    this.#finish();
  }

  /** Returns to the old canvas; messages that arrived meanwhile are delivered. */
  cancel(): void {
    notifyCancelled(this.#session);
    this.#finish();
  }

  #finish(): void {
    this.drop();
    this.#session.endReset(this);
  }

  /** Forgets everything; the state of the session is the caller's. */
  drop(): void {
    this.#pieces = [];
    this.#timer?.cancel();
  }
}

/** Notifies everyone that the reset was cancelled. */
export function notifyCancelled(session: { readonly flow: Pick<MessageFlow, 'sendToAll'> }): void {
  session.flow.sendToAll(replies.keyed('alert', 'resetcancel', {}, texts.resetCancelled, 'cancel'));
}

/** What the server itself knows and a new canvas begins with: who is here and what they are (§13.3). */
export function serverState({ members }: Pick<Present, 'members'>): Buffer[] {
  const frames: Buffer[] = [];
  for (const member of members) {
    if (member.isGhost) continue;
    frames.push(serverMessages.join(member.id, member.joinFlags, member.name, member.userInfo.avatar));
  }
  const ids = (has: (member: Member) => boolean) => members.filter(has).map((member) => member.id);
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
