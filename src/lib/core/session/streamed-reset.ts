// A streamed reset (sessions.md §14.5): while the session continues, one client uploads the compressed image of
// the canvas as it was at one point of the history; then image and what came since replace everything.
import { Buffer } from 'node:buffer';
import { type Reason, reason } from '../errors/reason.js';
import { countFrames, frameLength, frameType, headerBytes, messageType } from '../protocol/frame.js';
import type { ActionRecorder } from './actions.js';
import { actorOf } from './actor.js';
import type { AutoReset } from './auto-reset.js';
import { serverState } from './full-reset.js';
import type { Member, Present } from './member.js';
import type { MessageFlow } from './message-flow.js';
import type { Clock, Inflated, Inflater, ResetImage } from './needs.js';
import type { Phase } from './phase.js';
import { replies, serverMessages } from './replies.js';
import type { SessionLogger } from './session-log-writer.js';

const blockedNoteEveryMs = 60_000;

type State =
  | { name: 'none' }
  | {
      name: 'streaming';
      member: Member;
      image: ResetImage;
      /** What the image began with, and the compressed pieces that came: a successor of this process inflates them again. */
      head: readonly Buffer[];
      pieces: Buffer[];
      inflater: Inflater;
      /** Index of the first message that the image does not hold. */
      tailIndex: number;
      /** Size of the history before that message. */
      sizeBefore: number;
      bytes: number;
      count: number;
      /** Inflated bytes of a frame that is not complete. */
      rest: Buffer;
    }
  | {
      name: 'prepared';
      image: ResetImage;
      tailIndex: number;
      sizeBefore: number;
      bytes: number;
      noteAt: number;
    };

/** A streamed reset as far as it has come. */
export type HandedStream =
  | { readonly name: 'none' }
  | {
      readonly name: 'streaming';
      readonly tailIndex: number;
      readonly sizeBefore: number;
      readonly head: readonly Buffer[];
      readonly pieces: readonly Buffer[];
      /** Of the member. */
      readonly id: number;
    }
  | {
      readonly name: 'prepared';
      readonly tailIndex: number;
      readonly sizeBefore: number;
      readonly bytes: number;
      readonly frames: readonly Uint8Array[];
      readonly noteMs: number;
    };

export interface StreamSession extends SessionLogger, ActionRecorder {
  readonly needs: { readonly clock: Pick<Clock, 'monotonic'>; makeInflater(): Inflater };
  readonly phase: Pick<Phase, 'isRunning'>;
  readonly people: Pick<Present, 'members'>;
  readonly flow: MessageFlow;
  readonly config: { store(): void };
  readonly autoReset: Pick<AutoReset, 'awaitedStream' | 'begun' | 'clear' | 'fail' | 'isRequested'>;
}

export class StreamedReset {
  readonly #session: StreamSession;
  #state: State = { name: 'none' };

  constructor(session: StreamSession) {
    this.#session = session;
  }

  get isActive(): boolean {
    return this.#state.name !== 'none';
  }

  /** The progress of the upload, for administrators. */
  get progress():
    | { isPrepared: boolean; bytes: number; count: number | undefined; by: Member | undefined }
    | undefined {
    const state = this.#state;
    if (state.name === 'none') return undefined;
    const isStreaming = state.name === 'streaming';
    return {
      isPrepared: !isStreaming,
      bytes: state.bytes,
      count: isStreaming ? state.count : undefined,
      by: isStreaming ? state.member : undefined,
    };
  }

  get isPrepared(): boolean {
    return this.#state.name === 'prepared';
  }

  /** `stream-reset-start`; the reason says why not. */
  start(member: Member, correlator: string): Reason | undefined {
    const session = this.#session;
    const { autoReset } = session;
    const refuse = (problem: Reason) => {
      session.writeLog(
        'warn',
        'RuleBreak',
        `User ${member.id} tried to start a streamed reset, but ${problem}`,
      );
      return problem;
    };
    if (!autoReset.isRequested) return refuse(reason('stream-not-requested'));
    const wanted = autoReset.awaitedStream(member);
    if (wanted === undefined) return refuse(reason('stream-of-another-user'));
    if (!member.isOperator || member.isGhost) {
      autoReset.fail();
      return refuse(reason('stream-not-allowed'));
    }
    if (correlator !== wanted) {
      autoReset.fail();
      return refuse(reason('stream-other-request'));
    }
    if (this.#state.name !== 'none') return refuse(reason('stream-in-progress'));
    const { flow } = session;
    const { history } = flow;
    const start = replies.streamStart(member.id, correlator, flow.positionText(history.lastIndex + 2));
    const softReset = serverMessages.softReset();
    if (!flow.hasRoomFor(softReset.length + start.length)) {
      autoReset.fail();
      return reason('session-out-of-space');
    }
    autoReset.begun();
    member.autoReset = 'streaming';
    history.append(softReset, 0, softReset.length, 1);
    flow.store(start);
    const image = history.beginImage();
    const head = serverState(session.people);
    for (const frame of head) image.append(frame, 0, frame.length, 1);
    this.#state = {
      name: 'streaming',
      member,
      image,
      head,
      pieces: [],
      inflater: session.needs.makeInflater(),
      tailIndex: history.lastIndex + 1,
      sizeBefore: history.sizeBytes,
      bytes: 0,
      count: 0,
      rest: Buffer.alloc(0),
    };
    session.writeLog('info', 'Status', `User ${member.id} started a streamed reset`);
    session.recordAction({ kind: 'reset', actor: actorOf(member), effect: { kind: 'streamed' } });
    return undefined;
  }

  /** A ResetStream message: a piece of the zlib stream. The member's later frames wait until it is inflated. */
  receive(member: Member, piece: Buffer): void {
    const state = this.#state;
    if (state.name !== 'streaming' || state.member !== member) {
      this.#noteNone(member, 'add to');
      member.send(replies.streamProgress(true));
      return;
    }
    if (piece.length === 0) {
      member.send(replies.streamProgress(false));
      return;
    }
    member.hold('answer');
    state.pieces.push(piece);
    state.inflater.write(piece, this.#outputAtMost(state.bytes), (result) => {
      if (this.#state === state) {
        const problem = this.#take(result);
        if (problem === undefined) member.send(replies.streamProgress(false));
        else this.#fail(member, problem);
      } else {
        member.send(replies.streamProgress(true));
      }
      member.release('answer');
    });
  }

  #outputAtMost(bytes: number): number {
    const limit = this.#session.flow.historyLimit;
    return limit > 0 ? limit - bytes + 1 : Number.POSITIVE_INFINITY;
  }

  /** For a successor of this process. */
  handOver(): HandedStream {
    const state = this.#state;
    if (state.name === 'none') return { name: 'none' };
    const { tailIndex, sizeBefore } = state;
    if (state.name === 'streaming') {
      const { head, pieces, member } = state;
      return { name: 'streaming', tailIndex, sizeBefore, head, pieces, id: member.id };
    }
    const { bytes, image, noteAt } = state;
    const noteMs = noteAt - this.#session.needs.clock.monotonic();
    return { name: 'prepared', tailIndex, sizeBefore, bytes, frames: image.frames, noteMs };
  }

  /** Continues it: pieces that were inflated before are inflated again, and answered to nobody. */
  takeOver(handed: HandedStream, memberOf: (id: number) => Member | undefined): void {
    if (handed.name === 'none') return;
    const { needs, flow } = this.#session;
    const { tailIndex, sizeBefore } = handed;
    const member = handed.name === 'streaming' ? memberOf(handed.id) : undefined;
    if (handed.name === 'streaming' && !member) return;
    const image = flow.history.beginImage(tailIndex);
    const frames = handed.name === 'streaming' ? handed.head : handed.frames;
    for (const bytes of frames) image.append(bytes, 0, bytes.length, countFrames(bytes, 0, bytes.length));
    if (handed.name === 'prepared') {
      const noteAt = needs.clock.monotonic() + handed.noteMs;
      this.#state = { name: 'prepared', image, tailIndex, sizeBefore, bytes: handed.bytes, noteAt };
      return;
    }
    if (!member) return;
    const inflater = needs.makeInflater();
    const { head, pieces } = handed;
    const rest = Buffer.alloc(0);
    const parts = { member, image, inflater, head, pieces: [...pieces], tailIndex, sizeBefore };
    this.#state = { name: 'streaming', ...parts, bytes: 0, count: 0, rest };
    this.#inflateAgain(member, pieces);
  }

  #inflateAgain(member: Member, pieces: readonly Buffer[]): void {
    const state = this.#state;
    const [piece, ...later] = pieces;
    if (state.name !== 'streaming' || piece === undefined) return;
    member.hold('answer');
    state.inflater.write(piece, this.#outputAtMost(state.bytes), (result) => {
      if (this.#state === state) {
        const problem = this.#take(result);
        if (problem !== undefined) this.#fail(member, problem);
        else this.#inflateAgain(member, later);
      }
      if (later.length === 0 || this.#state !== state) member.release('answer');
    });
  }

  #fail(member: Member, problem: Reason | string): void {
    const session = this.#session;
    session.writeLog('warn', 'Status', `The streamed reset of user ${member.id} failed: ${problem}`);
    member.send(replies.streamProgress(true));
    session.autoReset.fail();
  }

  #noteNone(member: Member, what: string): void {
    const text = `User ${member.id} tried to ${what} a streamed reset, but has none in progress`;
    this.#session.writeLog('warn', 'Status', text);
  }

  /** Cuts frames out of what was inflated; the text says what is wrong with it. */
  #take(result: Inflated): Reason | string | undefined {
    const state = this.#state;
    if (state.name !== 'streaming') return reason('stream-over');
    if ('error' in result) return result.error;
    const limit = this.#session.flow.historyLimit;
    let bytes = Buffer.concat([state.rest, ...result.output]);
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      const next = at + frameLength(bytes, at);
      if (next > bytes.length) break;
      const type = frameType(bytes, at);
      if (type < messageType.firstOpaque && type !== messageType.chat)
        return reason('stream-message-type', { type });
      if (type === messageType.chat && next - at < headerBytes + 2) return reason('stream-chat-malformed');
      bytes[at + 3] = state.member.id;
      state.bytes += next - at;
      state.count++;
      if (limit > 0 && state.bytes > limit) return reason('stream-image-too-large');
      state.image.append(bytes, at, next, 1);
      at = next;
    }
    bytes = bytes.subarray(at);
    state.rest = Buffer.from(bytes);
    return undefined;
  }

  /** `stream-reset-finish`: `count` messages were sent; answers with what is wrong, if anything. */
  finish(member: Member, count: number, done: (problem: Reason | string | undefined) => void): void {
    const state = this.#state;
    if (state.name !== 'streaming' || state.member !== member) {
      this.#noteNone(member, 'finish');
      done(reason('stream-not-yours'));
      return;
    }
    member.hold('answer');
    state.inflater.finish((result) => {
      const problem = this.#state === state ? this.#complete(count, result) : reason('stream-aborted');
      if (problem !== undefined && this.#state === state) {
        this.#session.writeLog(
          'warn',
          'Status',
          `The streamed reset of user ${member.id} failed: ${problem}`,
        );
        this.abort();
        this.#session.autoReset.fail();
      }
      done(problem);
      this.tryApply();
      member.release('answer');
    });
  }

  #complete(count: number, result: Inflated): Reason | string | undefined {
    const state = this.#state;
    if (state.name !== 'streaming') return reason('stream-over');
    const problem = this.#take(result);
    if (problem !== undefined) return problem;
    if (state.rest.length > 0) return reason('stream-last-message-cut');
    if (state.count === 0) return reason('stream-image-empty');
    if (state.count !== count)
      return reason('stream-messages-miscounted', { count: state.count, wanted: count });
    const caughtUp = replies.caughtUp(0);
    state.image.append(caughtUp, 0, caughtUp.length, 1);
    state.inflater.close();
    state.member.autoReset = 'none';
    this.#state = {
      name: 'prepared',
      image: state.image,
      tailIndex: state.tailIndex,
      sizeBefore: state.sizeBefore,
      bytes: state.bytes,
      noteAt: this.#session.needs.clock.monotonic() + blockedNoteEveryMs,
    };
    const text = `User ${state.member.id} prepared a streamed reset of ${state.count} messages`;
    this.#session.writeLog('info', 'Status', text);
    return undefined;
  }

  /** Applies the image once every member has received everything before it. */
  tryApply(): void {
    const state = this.#state;
    const session = this.#session;
    if (state.name !== 'prepared' || !session.phase.isRunning) return;
    const { flow, people } = session;
    const { history } = flow;
    const isBlocked =
      !state.image.isReady || people.members.some((member) => member.historyPosition < state.tailIndex - 1);
    if (isBlocked) {
      const now = session.needs.clock.monotonic();
      if (now >= state.noteAt) {
        state.noteAt = now + blockedNoteEveryMs;
        session.writeLog('warn', 'Status', 'Streamed reset delayed until all users have caught up');
      }
      return;
    }
    const before = history.sizeBytes;
    const limit = flow.historyLimit;
    const total = state.image.sizeBytes + history.sizeBytes - state.sizeBefore;
    if (limit > 0 && total > limit) {
      session.writeLog(
        'warn',
        'Status',
        'Streamed reset discarded: the result would exceed the size limit of the session',
      );
      this.abort();
      session.autoReset.fail();
      return;
    }
    this.#state = { name: 'none' };
    flow.adoptImage(state.image, state.tailIndex, state.bytes);
    session.autoReset.clear(0);
    session.writeLog(
      'info',
      'Status',
      `Streamed reset complete: ${before} bytes before, ${history.sizeBytes} bytes now`,
    );
    flow.sendStatus();
    session.config.store();
    flow.restartRecording();
  }

  /** `stream-reset-abort` by the streaming member; false: there is nothing of theirs to abort. */
  abortBy(member: Member): boolean {
    const state = this.#state;
    if (state.name !== 'streaming' || state.member !== member) {
      this.#noteNone(member, 'abort');
      return false;
    }
    this.#session.autoReset.fail();
    return true;
  }

  /** The member left or is not an operator any more. sessions.md §14.6 */
  memberLost(member: Member, how: { hasLeft: boolean }): void {
    const state = this.#state;
    if (state.name !== 'streaming' || state.member !== member) return;
    if (!how.hasLeft) member.send(replies.streamProgress(true));
    this.#session.autoReset.fail();
  }

  /** Forgets a stream that is still arriving; one that is prepared stays. */
  abortUnprepared(): void {
    if (this.#state.name !== 'streaming') return;
    this.#session.writeLog('warn', 'Status', 'Streamed reset aborted');
    this.abort();
  }

  /** Discards the stream: the session is reset in another way, or has ended. */
  abort(): void {
    const state = this.#state;
    this.#state = { name: 'none' };
    if (state.name === 'none') return;
    if (state.name === 'streaming') {
      state.inflater.close();
      if (state.member.autoReset === 'streaming') state.member.autoReset = 'none';
    }
    state.image.abort();
  }
}
