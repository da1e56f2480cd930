// The flow of messages: into the history, with reserved space for what must not be lost, and out to the members.
// Owns the indexes and positions in the history, and what a reset replaces. people.ts has the users.
import { Buffer } from 'node:buffer';
import { eachFrame, frameType, messageType } from '../protocol/frame.js';
import type { SessionOptions } from '../settings/session-settings.js';
import type { SettingsReader } from '../settings/settings.js';
import type { Member } from './member.js';
import type { Clock, Cursor, History, Recorder, ResetImage, StoredSession } from './needs.js';
import type { Phase } from './phase.js';
import { replies } from './replies.js';
import type { JournalEntry } from './saved.js';
import { Space } from './space.js';

export interface FlowSession {
  readonly id: string;
  readonly needs: { readonly clock: Clock; readonly settings: SettingsReader };
  readonly stored: Pick<StoredSession, 'history' | 'journal'>;
  readonly options: Pick<SessionOptions, 'overrideSize'>;
  readonly phase: Phase;
  readonly people: { readonly members: readonly Member[] };
  readonly autoReset: { check(): void };
  readonly stream: { readonly isPrepared: boolean; tryApply(): void };
  remember(entry: JournalEntry): void;
}

/** Times are milliseconds ago. */
export interface HandedFlow {
  readonly startId: number;
  readonly resetBase: number;
  readonly catchupKey: number;
  readonly eventAgo: number;
  readonly statusAgo: number;
  readonly warnedAgo: number;
}

const statusEveryMs = 10_000;
/** Every session has a journal: this much of it does not count, so that the limit matches that of the originals. */
const freeJournalBytes = 32 * 1024;

export class MessageFlow {
  readonly history: History;
  readonly #session: FlowSession;
  readonly #space: Space;
  #recorder: Recorder | undefined;
  #startId: number;
  #resetBase = 0;
  #lastEvent: number;
  #lastStatus: number;
  #catchupKey: number;
  #isFlushDue = false;
  /** Callbacks of those who wait for more to read. */
  readonly #readers = new Set<() => void>();

  constructor(
    session: FlowSession,
    begin: { startId: number; catchupKey: number; recorder: Recorder | undefined },
  ) {
    this.#session = session;
    this.history = session.stored.history;
    this.#space = new Space({ needs: session.needs, phase: session.phase, flow: this });
    this.#recorder = begin.recorder;
    this.#startId = begin.startId;
    this.#catchupKey = begin.catchupKey;
    this.#lastEvent = this.#lastStatus = session.needs.clock.monotonic();
    this.history.onReadable = () => {
      this.wakeLater();
      for (const run of this.#readers) run();
      this.#readers.clear();
    };
  }

  /** Calls back once when there is more to read, for readers that are not members. Returns a function that cancels. */
  whenReadable(run: () => void): () => void {
    this.#readers.add(run);
    return () => void this.#readers.delete(run);
  }

  /** For a successor of this process: what is neither in the history nor in the journal. */
  handOver(): HandedFlow {
    const now = this.#session.needs.clock.monotonic();
    return {
      startId: this.#startId,
      resetBase: this.#resetBase,
      catchupKey: this.#catchupKey,
      eventAgo: now - this.#lastEvent,
      statusAgo: now - this.#lastStatus,
      warnedAgo: this.#space.warnedAgo,
    };
  }

  takeOver(handed: HandedFlow): void {
    const now = this.#session.needs.clock.monotonic();
    this.#startId = handed.startId;
    this.#resetBase = handed.resetBase;
    this.#catchupKey = handed.catchupKey;
    this.#lastEvent = now - handed.eventAgo;
    this.#lastStatus = now - handed.statusAgo;
    this.#space.warnedAgo = handed.warnedAgo;
  }

  // ---- how large it may be ----------------------------------------------------------------------------

  /** Bytes; 0 = no limit. sessions.md §1 `currentLimit` */
  get sizeLimit(): number {
    return this.#session.options.overrideSize || this.#session.needs.settings.get('sessionSizeLimit');
  }

  /** The part of `sizeLimit` for the history, after what else is stored. Bytes; 0 = no limit. */
  get historyLimit(): number {
    const limit = this.sizeLimit;
    if (limit === 0) return 0;
    return Math.max(limit - Math.max(this.#session.stored.journal.sizeBytes - freeJournalBytes, 0), 1);
  }

  /**
   * How much the journal may be made to remember of one kind, bans or roles: the file may be twice that before it is
   * compacted, and the rest of the limit is for the drawing.
   */
  get rememberedBytesAtMost(): number {
    const limit = this.sizeLimit;
    return limit === 0 ? Number.POSITIVE_INFINITY : Math.max(limit / 8, freeJournalBytes);
  }

  /** Whether the history has space for so many more bytes. */
  hasRoomFor(bytes: number): boolean {
    const limit = this.historyLimit;
    return limit === 0 || this.history.sizeBytes + bytes <= limit;
  }

  /** Size of the history after the last reset, from which growth is counted. sessions.md §14.1 */
  get resetBase(): number {
    return this.#resetBase;
  }

  /** When the last message was stored, by the monotonic clock. */
  get lastEvent(): number {
    return this.#lastEvent;
  }

  // ---- into the history -------------------------------------------------------------------------------

  /** Complete frames, where they lie in a transport's buffer; false when there was no room for them. */
  storeRun(bytes: Buffer, start: number, end: number, count: number): boolean {
    if (this.#session.phase.isEnded) return false;
    const limit = this.historyLimit;
    if (limit > 0 && this.history.sizeBytes + (end - start) > limit) {
      if (count > 1) {
        eachFrame(bytes, start, end, (from, to) => this.storeRun(bytes, from, to, 1));
        return true;
      }
      return this.#space.storeEmergency(Buffer.from(bytes.subarray(start, end)));
    }
    this.history.append(bytes, start, end, count);
    this.#stored();
    return true;
  }

  /** Appends one message of the server's or a member's; false when there was no room for it. sessions.md §3 */
  store(frame: Buffer): boolean {
    if (this.#session.phase.isEnded) return false;
    if (!this.hasRoomFor(frame.length)) return this.#space.storeEmergency(frame);
    this.history.append(frame, 0, frame.length, 1);
    const { host } = this.#session.phase;
    if (host && frameType(frame, 0) < messageType.firstDrawing) host.send(frame);
    this.#stored();
    return true;
  }

  /** A message of a member that is not a run: chat, role lists. In a reset the resetter's goes into its image. */
  storeFrom(member: Member, frame: Buffer): void {
    const reset = this.#session.phase.resetOf(member);
    if (reset) reset.receive(frame, 0, frame.length, 1);
    else this.store(frame);
  }

  /** Appends without the limit, the autoreset and the status: for the room that is kept for emergencies. */
  storeBeyondLimit(frame: Buffer): void {
    this.history.append(frame, 0, frame.length, 1);
    this.wakeLater();
  }

  #stored(): void {
    const { needs, phase, autoReset } = this.#session;
    // The host has its own messages already.
    phase.host?.readOnFrom(this.history.cursorAt(this.history.lastIndex + 1));
    const now = needs.clock.monotonic();
    this.#lastEvent = now;
    autoReset.check();
    if (now - this.#lastStatus >= statusEveryMs) this.sendStatus();
    this.wakeLater();
  }

  /** Notifies everyone that the session is full. */
  notifyOutOfSpace(): void {
    this.#space.warn();
  }

  // ---- places in the history --------------------------------------------------------------------------

  /** `hidx`: names the message that is about to be stored; left out while the host uploads. sessions.md §16 OURS */
  anchor(): string | undefined {
    return this.#session.phase.isInitializing ? undefined : this.positionText(this.history.lastIndex + 1);
  }

  positionText(index: number): string | undefined {
    return index > 0 ? `${this.#startId}:${index}:${this.#session.id}` : undefined;
  }

  /** The position that a client names with `hidx`; undefined: it names none in this history. */
  positionFrom(hidx: string): number | undefined {
    const parts = /^(\d{1,15}):(\d{1,15}):(.+)$/s.exec(hidx);
    if (!parts || parts[3] !== this.#session.id || Number(parts[1]) !== this.#startId) return undefined;
    const position = Number(parts[2]);
    const isKept = position > 0 && position >= this.history.firstIndex && position <= this.history.lastIndex;
    return isKept ? position : undefined;
  }

  /** Sends the status to all members, each with its position in the history. */
  sendStatus(): void {
    const { needs, phase, people } = this.#session;
    this.#lastStatus = needs.clock.monotonic();
    const size = this.history.sizeBytes;
    const mayAnchor = phase.isRunning || phase.isInitializing;
    for (const member of people.members) {
      const position = mayAnchor ? this.positionText(member.historyPosition) : undefined;
      member.send(replies.status(size, position));
    }
  }

  // ---- out to the members -----------------------------------------------------------------------------

  sendToAll(frame: Buffer | undefined): void {
    if (frame) for (const member of this.#session.people.members) member.send(frame);
  }

  /** The first reading position. `skipTo`: index up to which the user has everything. */
  cursorAfter(skipTo: number | undefined): Cursor {
    return this.history.cursorAt(skipTo !== undefined ? skipTo + 1 : this.history.firstIndex);
  }

  /** Notifies a new member how much there is to catch up with, and marks in the history where that ends. */
  sendCatchup(member: Member, skipTo: number | undefined): void {
    const { history } = this;
    const key = this.#nextCatchupKey();
    const isStored = this.#storeCaughtUp(replies.caughtUp(key, this.anchor()));
    const from = skipTo ?? history.firstIndex;
    member.send(replies.catchup(Math.max(history.lastIndex - from, 0), isStored ? key : undefined));
    member.send(replies.status(history.sizeBytes));
  }

  /** Nothing to the host, and no occasion for a status or an autoreset: the Join that follows is one (recorded). */
  #storeCaughtUp(frame: Buffer): boolean {
    const { phase } = this.#session;
    if (phase.isEnded) return false;
    if (!this.hasRoomFor(frame.length)) return this.#space.storeEmergency(frame);
    this.history.append(frame, 0, frame.length, 1);
    phase.host?.readOnFrom(this.history.cursorAt(this.history.lastIndex + 1));
    this.wakeLater();
    return true;
  }

  /** sessions.md §5.3; the next one is remembered. */
  #nextCatchupKey(): number {
    const key = this.#catchupKey;
    this.#catchupKey = key >= 999_999_999 ? 1 : key + 1;
    this.#session.remember({ key: 'catchup', next: this.#catchupKey });
    return key;
  }

  wakeLater(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    this.#session.needs.clock.endOfTurn(this.#flush);
  }

  readonly #flush = (): void => {
    // A history that writes immediately says so from within: what follows serves that, no second round is needed.
    this.history.flush();
    this.#isFlushDue = false;
    this.#recorder?.wake();
    if (!this.#session.phase.isRunning) return;
    this.#session.stream.tryApply();
    for (const member of this.#session.people.members) member.pump();
  };

  /** Sends what was stored so far, as far as connections take it. */
  flushNow(): void {
    this.history.flush();
    for (const member of this.#session.people.members) member.link.connection.flush();
  }

  /** A member's connection can take more; history is sent only while the session runs. */
  pump(member: Member): void {
    if (!this.#session.phase.isRunning) return;
    const { stream } = this.#session;
    if (stream.isPrepared) stream.tryApply();
    member.pump();
  }

  // ---- another history --------------------------------------------------------------------------------

  /** What the store had is ready to be read. Before anything new is stored: none of it counts as growth. */
  adoptStored(isEraKnown: boolean): void {
    this.#resetBase = this.history.sizeBytes;
    if (!isEraKnown) this.nameEra();
  }

  /** The upload of the first canvas is complete. */
  adoptFirst(): void {
    this.#resetBase = this.history.sizeBytes;
  }

  /** A full reset: these frames replace everything, and positions in the old history become invalid. */
  adoptNew(frames: readonly Uint8Array[], count: number): void {
    const { history } = this;
    const { needs, people } = this.#session;
    history.replaceAll(frames, count);
    for (const member of people.members) member.readOnFrom(history.cursorAt(history.firstIndex));
    this.#startId = needs.clock.now();
    this.nameEra();
    this.#resetBase = history.sizeBytes;
  }

  /** A streamed reset: the image takes the place of what was before `tailIndex`. `baseBytes`: what the image holds. */
  adoptImage(image: ResetImage, tailIndex: number, baseBytes: number): void {
    image.apply(
      tailIndex,
      this.#session.people.members.map((member) => member.cursor),
    );
    this.#resetBase = baseBytes;
  }

  /** Stores the era of the history's indexes. sessions.md §1 */
  nameEra(): void {
    this.#session.remember({ key: 'start', id: this.#startId });
  }

  get recorder(): Recorder | undefined {
    return this.#recorder;
  }

  /** Takes the place of the present one, which is ended; undefined: nothing more is recorded. */
  record(recorder: Recorder | undefined): void {
    this.#recorder?.stop();
    this.#recorder = recorder;
    if (this.#session.phase.isRunning) recorder?.restart(this.history);
  }

  restartRecording(): void {
    this.#recorder?.restart(this.history);
  }

  close(end: 'keep' | 'archive' | 'delete'): void {
    this.history.flush();
    this.#recorder?.stop();
    this.history.close(end);
  }
}
