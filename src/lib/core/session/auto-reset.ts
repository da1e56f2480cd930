// Automatic resets of sessions that have grown too large (sessions.md §14.1–§14.4, §14.6): asks clients, ranks their
// answers, and chooses one. full-reset.ts and streamed-reset.ts do the reset itself.
import { integerOf, type JsonObject, textOf } from '../protocol/command.js';
import type { SettingsReader } from '../settings/settings.js';
import type { Action, ActionRecorder } from './actions.js';
import type { Actor } from './actor.js';
import type { Member, Present } from './member.js';
import type { MessageFlow } from './message-flow.js';
import type { Clock, Timer } from './needs.js';
import type { Phase } from './phase.js';
import { replies } from './replies.js';
import type { SessionLogger } from './session-log-writer.js';
import { texts } from './texts.js';

const answerWindowMs = 3000;
const backOffMs = 30_000;
/** A chosen client has to begin within this time (OURS). */
const giveUpMs = 180_000;

interface Candidate {
  member: Member;
  canStream: boolean;
  /** 1 desktop, 0 unknown, -1 browser or mobile. */
  systemQuality: number;
  /** 0..100 */
  network: number;
  /** Milliseconds, 0 = unknown. */
  ping: number;
}

type State =
  | { name: 'idle' }
  | { name: 'asking'; payload: string; candidates: Candidate[]; timer: Timer }
  | { name: 'requested'; payload: string; member: Member; timer: Timer };

/** Milliseconds from now; members by their ids. */
export type HandedAutoReset =
  | { readonly name: 'idle'; readonly quietMs: number }
  | {
      readonly name: 'asking';
      readonly quietMs: number;
      readonly payload: string;
      readonly candidates: readonly (Omit<Candidate, 'member'> & { readonly id: number })[];
      readonly windowMs: number;
    }
  | { readonly name: 'requested'; readonly quietMs: number; readonly payload: string; readonly id: number };

const desktops: ReadonlySet<string> = new Set(['windows', 'macos', 'linux', 'unix']);
const handhelds: ReadonlySet<string> = new Set(['emscripten', 'android', 'ios']);

export interface AutoResetSession extends SessionLogger, ActionRecorder {
  readonly needs: {
    readonly clock: Clock;
    readonly settings: SettingsReader;
    /** Counts autoreset queries of this process (sessions.md §14.3). */
    nextResetNumber(): number;
  };
  readonly options: { readonly resetThreshold: number };
  readonly phase: Pick<Phase, 'isRunning'>;
  readonly people: Pick<Present, 'members'>;
  readonly flow: Pick<MessageFlow, 'history' | 'historyLimit' | 'resetBase' | 'sendToAll' | 'sizeLimit'>;
  /** A streamed reset that has begun. */
  readonly stream: { readonly isActive: boolean; abortUnprepared(): void };
}

export class AutoReset {
  readonly #session: AutoResetSession;
  #state: State = { name: 'idle' };
  #quietUntil = 0;
  /** When the wait for answers ends (monotonic milliseconds). */
  #windowEnds = 0;

  constructor(session: AutoResetSession) {
    this.#session = session;
  }

  /** Bytes beyond which the session is to be reset; Infinity: never. sessions.md §14.1 */
  get threshold(): number {
    const session = this.#session;
    const own = session.options.resetThreshold;
    if (own === 0) return Number.POSITIVE_INFINITY;
    const threshold =
      Math.max(own, session.needs.settings.get('minimumAutoResetThreshold')) + session.flow.resetBase;
    const limit = session.flow.historyLimit;
    return limit > 0 ? Math.min(threshold, Math.floor(limit * 0.9)) : threshold;
  }

  /** After every stored message. */
  check(): void {
    const session = this.#session;
    if (this.#state.name !== 'idle' || !session.phase.isRunning || session.stream.isActive) return;
    if (session.flow.history.sizeBytes <= this.threshold) return;
    if (session.needs.clock.monotonic() < this.#quietUntil) return;
    this.#ask(texts.resetByThreshold);
  }

  #ask(text: (bytes: number) => string): void {
    const session = this.#session;
    const { clock } = session.needs;
    const size = session.flow.history.sizeBytes;
    session.writeLog('info', 'Status', text(size));
    session.flow.sendToAll(replies.sizeLimit(size, this.threshold));
    const payload = `1:${session.needs.nextResetNumber()}:${clock.now()}`;
    for (const member of session.people.members) {
      if (!mayReset(member)) continue;
      member.autoReset = 'queried';
      member.send(replies.autoResetQuery(session.flow.sizeLimit, payload));
    }
    this.#state = { name: 'asking', payload, candidates: [], timer: this.#window() };
  }

  /** Asks now, whatever the size is; undefined: nobody could do it, or it has begun already. */
  askNow(actor: Actor): Action<'askForReset'> | undefined {
    const session = this.#session;
    const isIdle = this.#state.name === 'idle' && session.phase.isRunning && !session.stream.isActive;
    if (!isIdle || !session.people.members.some(mayReset)) return undefined;
    const action = { kind: 'askForReset', actor, effect: { bytes: session.flow.history.sizeBytes } } as const;
    session.recordAction(action);
    this.#ask(texts.resetByAdministrator);
    return action;
  }

  /** How far it is, for administrators. Milliseconds. */
  get progress(): { quietMs: number; request: 'none' | 'asked' | 'answered' | 'chosen'; windowMs?: number } {
    const now = this.#session.needs.clock.monotonic();
    const state = this.#state;
    const quietMs = Math.max(0, this.#quietUntil - now);
    if (state.name === 'idle') return { quietMs, request: 'none' };
    if (state.name === 'requested') return { quietMs, request: 'chosen' };
    const request = state.candidates.length > 0 ? 'answered' : 'asked';
    return { quietMs, request, windowMs: Math.max(0, this.#windowEnds - now) };
  }

  #window(ms = answerWindowMs): Timer {
    this.#windowEnds = this.#session.needs.clock.monotonic() + ms;
    return this.#session.needs.clock.after(Math.max(ms, 0), () => this.#choose());
  }

  /** `ready-to-autoreset`. An answer that does not count is only noted. */
  answer(member: Member, kwargs: JsonObject): void {
    const session = this.#session;
    const state = this.#state;
    const payload = textOf(kwargs.payload);
    if (
      state.name !== 'asking' ||
      member.autoReset !== 'queried' ||
      !mayReset(member) ||
      (payload !== '' && payload !== state.payload)
    ) {
      const isOther = state.name === 'asking' && member.autoReset === 'queried' && mayReset(member);
      session.writeLog(
        'warn',
        'RuleBreak',
        `User ${member.id} answered ${isOther ? 'another autoreset query' : 'an autoreset query that was not sent'}`,
      );
      if (state.name !== 'asking' && member.autoReset === 'queried') member.autoReset = 'none';
      return;
    }
    member.autoReset = 'responded';
    state.candidates.push(candidateFrom(member, kwargs));
    if (!session.people.members.some((other) => other.autoReset === 'queried')) {
      this.#choose();
    } else if (state.candidates.length === 1) {
      state.timer.cancel();
      state.timer = this.#window();
    }
  }

  #choose(): void {
    const session = this.#session;
    const state = this.#state;
    if (state.name !== 'asking') return;
    const best = state.candidates
      .filter(({ member }) => mayReset(member) && session.people.members.includes(member))
      .reduce<Candidate | undefined>((a, b) => (a && !isBetter(b, a) ? a : b), undefined);
    if (!best) {
      session.writeLog('warn', 'Status', 'Autoreset failed: no operator was available');
      this.clear(backOffMs);
      return;
    }
    state.timer.cancel();
    for (const member of session.people.members) member.autoReset = 'none';
    const { member, canStream } = best;
    const request = replies.autoResetRequest(session.flow.sizeLimit, canStream ? state.payload : undefined);
    member.autoReset = canStream ? 'awaitingStream' : 'awaiting';
    member.send(request);
    this.#state = { name: 'requested', payload: state.payload, member, timer: this.#giveUpTimer(member) };
  }

  #giveUpTimer(member: Member): Timer {
    const session = this.#session;
    return session.needs.clock.after(giveUpMs, () => {
      session.writeLog(
        'info',
        'Status',
        `Autoreset failed: ${member.name} did not start the reset`,
        member.logUser,
      );
      this.clear(backOffMs);
    });
  }

  /** The correlator that a streamed reset must carry, while one is awaited from this member. */
  awaitedStream(member: Member): string | undefined {
    const state = this.#state;
    return state.name === 'requested' && state.member === member && member.autoReset === 'awaitingStream'
      ? state.payload
      : undefined;
  }

  get isRequested(): boolean {
    return this.#state.name === 'requested';
  }

  /** The chosen one has begun: no giving up any more. */
  begun(): void {
    if (this.#state.name === 'requested') this.#state.timer.cancel();
  }

  /** Everything as if nothing had been asked, and nothing new for a while. sessions.md §14.2 `Clear` */
  clear(quietMs: number): void {
    if (this.#state.name !== 'idle') this.#state.timer.cancel();
    this.#state = { name: 'idle' };
    for (const member of this.#session.people.members) member.autoReset = 'none';
    this.#session.stream.abortUnprepared();
    this.#quietUntil = this.#session.needs.clock.monotonic() + quietMs;
  }

  fail(): void {
    this.clear(backOffMs);
  }

  /** For a successor of this process. */
  handOver(): HandedAutoReset {
    const now = this.#session.needs.clock.monotonic();
    const state = this.#state;
    const quietMs = this.#quietUntil - now;
    if (state.name === 'idle') return { name: 'idle', quietMs };
    const { payload } = state;
    if (state.name === 'requested') return { name: 'requested', quietMs, payload, id: state.member.id };
    const candidates = state.candidates.map(({ member, ...rest }) => ({ id: member.id, ...rest }));
    return { name: 'asking', quietMs, payload, candidates, windowMs: this.#windowEnds - now };
  }

  takeOver(handed: HandedAutoReset, memberOf: (id: number) => Member | undefined): void {
    const { clock } = this.#session.needs;
    this.#quietUntil = clock.monotonic() + handed.quietMs;
    if (handed.name === 'idle') return;
    const { payload } = handed;
    if (handed.name === 'requested') {
      const member = memberOf(handed.id);
      if (!member) return;
      this.#state = { name: 'requested', payload, member, timer: this.#giveUpTimer(member) };
      if (member.autoReset === 'streaming') this.begun();
      return;
    }
    const candidates = handed.candidates.flatMap(({ id, ...rest }) => {
      const member = memberOf(id);
      return member ? [{ member, ...rest }] : [];
    });
    this.#state = { name: 'asking', payload, candidates, timer: this.#window(handed.windowMs) };
  }

  /** A member left or is not an operator any more. */
  memberLost(member: Member): void {
    const state = this.#state;
    if (state.name === 'requested' && state.member === member && member.autoReset !== 'streaming') {
      this.clear(backOffMs);
    } else if (state.name === 'asking') {
      member.autoReset = 'none';
      if (
        state.candidates.length > 0 &&
        !this.#session.people.members.some((other) => other.autoReset === 'queried')
      ) {
        this.#choose();
      }
    }
  }
}

function mayReset(member: Member): boolean {
  return member.isOperator && !member.isGhost && !member.userInfo.isMinorIncompatible;
}

function candidateFrom(member: Member, kwargs: JsonObject): Candidate {
  const capabilities = Array.isArray(kwargs.capabilities) ? kwargs.capabilities : [];
  const system = textOf(kwargs.os);
  const net = integerOf(kwargs.net);
  const pings = (Array.isArray(kwargs.pings) ? kwargs.pings : []).map(Number).filter((ping) => ping > 0);
  return {
    member,
    canStream: capabilities.includes('gzip1'),
    systemQuality: desktops.has(system) ? 1 : handhelds.has(system) ? -1 : 0,
    // Clients that do not say `net` had the number the wrong way round (sessions.md §14.4).
    network: kwargs.net === undefined ? 0 : capabilities.includes('net') ? net : net < 50 ? 100 : 0,
    ping: pings.length > 0 ? pings.reduce((sum, ping) => sum + ping, 0) / pings.length : 0,
  };
}

/** Whether `a`, who answered later, is to be preferred to `b`. */
function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.canStream !== b.canStream) return a.canStream;
  if (a.systemQuality !== b.systemQuality) return a.systemQuality > b.systemQuality;
  if (a.network !== b.network) return a.network > b.network;
  return a.ping > 0 && b.ping > 0 && a.ping < b.ping;
}
