// Replays recorded conversations against a server: sends what the recorded clients sent, when everything that came
// before it has arrived, and compares what comes back. Time is moved by hand along the recording's own.

import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import type { RunningServer } from '../../src/lib/server/start.js';
import type { ManualClock } from '../helpers/manual-clock.js';
import { describe, type Frame, goodbye, jsonOf, messageType, ping } from '../helpers/wire.js';
import { type Conversation, type Row, startTimeOf } from './capture.js';
import { Comparison, expectation, type Finding, frameFrom } from './compare.js';
import { type Difference, differences, type Effect, isAbout } from './differences.js';
import { ChosenValues } from './values.js';
import { openTcp, openWebSocket, type WebSocketRequest, type Wire, type WireUser } from './wires.js';

/** What a replay needs to know of the file beyond its rows. */
export interface Plan {
  /** Lines of closed rows that the client caused. */
  clientCloses: ReadonlySet<number>;
  /** Name of a connection that was there before, to the user who it is. */
  continues: Readonly<Record<string, string>>;
  /** Users whose connections go on after the file; the others hang up at its end. */
  stay: ReadonlySet<string>;
  /** Where a connection is recorded only in these line ranges. */
  windows: Readonly<Record<string, ReadonlyArray<readonly [number, number]>>>;
  /** What else happens before a line. */
  actions: ReadonlyArray<{ before: number; run: (replay: Replay) => Promise<void> | void }>;
  /** Connections that must stay silent, so the replay does not ping on them. */
  silent: ReadonlySet<string>;
  /** Client messages that are made anew, by line. */
  rewrites: Readonly<Record<number, (message: Frame, replay: Replay) => Buffer>>;
  /** Clients that come by WebSocket, and how. */
  webSockets: Readonly<Record<string, WebSocketRequest>>;
  /** Pings, pongs and keep-alives are compared too. */
  comparesPings: boolean;
  /** Connections whose history the recording does not hold, because it ends too early. */
  cutOff: ReadonlySet<string>;
  /** Recorded on a 2.1 server: only outcomes and messages >= 64 are compared. */
  isOldServer: boolean;
}

export interface TemplateFile {
  name: string;
  content: Buffer;
}

export interface ReplayTarget {
  readonly port: number;
  readonly webSocketPort?: number;
  readonly clock: ManualClock;
  /** Something slow (a password check) is under way. */
  readonly isBusy: boolean;
  /** Waits until nothing of that is under way. */
  idle(): Promise<void>;
  /** Begins to stop the server. */
  stop(): Promise<void>;
  /** Starts it again over the same folders; or another one with templates. */
  restart(templates?: readonly TemplateFile[]): Promise<void>;
  /** Forgets what guests were, as the recorded servers do when somebody leaves. */
  forgetGuests(): void;
  /** Ends its external service. */
  stopExternalService(): Promise<void>;
  /** The server itself, for what its administrators do. */
  readonly running: RunningServer;
}

/** Real milliseconds to wait for something that may yet be a matter of the clock, which is moved on then. */
const patience = 600;
/** The same for what neither the clock nor an answer brought: longer than any machine takes. */
const lastPatience = 20_000;
/** Milliseconds that the clock may run ahead of the recording for something whose time has come. */
const slack = 1500;
/** No step of the clock is longer, so that clients that are alive show it (clientTimeout). */
const longestStep = 5000;

class ReplayPeer implements WireUser {
  readonly name: string;
  wire: Wire | undefined;
  user = '';
  isClosed = false;
  isSilent: boolean;
  comparison: Comparison | undefined;
  /** Set while the connection is outside of its recorded windows. */
  isUnrecorded = false;
  filter: (message: Frame) => boolean = () => true;
  /** What its transport told beside frames. */
  readonly happenings: string[] = [];
  readonly #changed: () => void;
  #pongs = 0;
  #pings = 0;
  #onPong: Array<() => void> = [];

  /** `changed`: something came in, or the connection ended. */
  constructor(name: string, isSilent: boolean, changed: () => void) {
    this.name = name;
    this.isSilent = isSilent;
    this.#changed = changed;
  }

  get hasSession(): boolean {
    return this.#hasSession;
  }
  #hasSession = false;

  send(bytes: Buffer): void {
    if (bytes[2] === messageType.ping && bytes.length === 5 && bytes[4] === 0) {
      this.#pings++;
    }
    this.wire?.send(bytes);
  }

  /** Resolves when everything sent on this connection has been processed. */
  async barrier(): Promise<void> {
    if (this.isClosed || this.isSilent) {
      return;
    }
    this.send(ping);
    const due = this.#pings;
    const limit = AbortSignal.timeout(lastPatience);
    const gaveUp = once(limit, 'abort').catch(() => undefined);
    while (!this.isClosed && this.#pongs < due && !limit.aborted) {
      await Promise.race([new Promise<void>((resolve) => this.#onPong.push(resolve)), gaveUp]);
    }
    // One that is to be silent is said to be, in the plan.
    if (!this.isClosed && this.#pongs < due) throw new Error(`${this.name}: no answer to a ping`);
  }

  #wake(): void {
    for (const done of this.#onPong.splice(0)) {
      done();
    }
  }

  closed(): void {
    this.isClosed = true;
    this.#wake();
    this.#changed();
  }

  happened(text: string): void {
    this.happenings.push(text);
    this.#changed();
  }

  frame(message: Frame): void {
    if (message.type === messageType.ping && message.payload[0] === 1) {
      this.#pongs++;
      this.#wake();
    }
    const json = jsonOf(message);
    if (json?.type === 'result' && json.join !== undefined) {
      this.#hasSession = true;
    }
    if (this.comparison !== undefined && !this.isUnrecorded && this.filter(message)) {
      this.comparison.receive(message);
    }
    this.#changed();
  }
}

export class Replay {
  readonly values = new ChosenValues();
  readonly target: ReplayTarget;
  readonly #all = new Set<ReplayPeer>();
  /** Connections that outlive their file, by user. */
  readonly #live = new Map<string, ReplayPeer>();
  #peers = new Map<string, ReplayPeer>();
  #lastSender: ReplayPeer | undefined;
  #base = 0;
  #hasGivenUp = false;
  /** `change`: something came in anywhere, or a connection ended. */
  readonly #changes = new EventEmitter();

  constructor(target: ReplayTarget) {
    this.target = target;
  }

  /** Replays one conversation; what differs comes back. */
  async play(conversation: Conversation, plan: Plan): Promise<Finding[]> {
    const { clock } = this.target;
    const about = differences.filter((difference) => difference.file === conversation.file);
    this.#hasGivenUp = false;
    this.#base = Math.max(clock.now(), startTimeOf(conversation) ?? clock.now() + 1000);
    await this.#moveTo(this.#base);
    await this.settle();

    const rows = inSendingOrder(withExtras(conversation.rows, about), about);
    const comparisons = this.#prepare(conversation, rows, plan, about);
    const findings: Finding[] = [];
    const actions = [...plan.actions];
    let pending: Row[] = [];

    for (const row of rows) {
      const effects = about.filter((difference) => isAbout(difference, row.line)).map(({ effect }) => effect);
      const isExpected =
        (row.kind === 'received' || (row.kind === 'closed' && !closesItself(row.line, effects, plan))) &&
        !effects.some(({ kind }) => kind === 'absent');
      while (actions.length > 0 && actions[0]!.before <= row.line) {
        await this.#arrive(pending);
        pending = [];
        await this.settle();
        await actions.shift()!.run(this);
      }
      if (this.#windowsChange(row.line, plan)) {
        await this.#arrive(pending);
        pending = [];
        await this.settle();
        this.#openWindows(row.line, plan);
      }
      if (isExpected) {
        pending.push(row);
        continue;
      }
      switch (row.kind) {
        case 'opened':
          await this.#arrive(pending);
          pending = [];
          await this.#moveTo(this.#base + row.time);
          await this.#open(row.peer, comparisons.get(row.peer)!, plan);
          break;
        case 'sent': {
          if (effects.some(({ kind }) => kind === 'unsent')) {
            break;
          }
          await this.#arrive(pending);
          pending = [];
          await this.#moveTo(this.#base + row.time);
          await this.#send(row.peer, row.frame, row.line, findings, plan);
          break;
        }
        case 'closed': {
          if (!closesItself(row.line, effects, plan)) {
            break;
          }
          await this.#arrive(pending);
          pending = [];
          await this.#moveTo(this.#base + row.time);
          const peer = this.#peers.get(row.peer);
          if (peer !== undefined) {
            await this.#hangUp(peer);
          }
          break;
        }
        case 'event':
          await this.#arrive(pending);
          pending = [];
          if (row.text === 'tls-handshake-start') {
            await this.#peers.get(row.peer)?.wire?.startTls();
          } else if (row.text.startsWith('ws-frame')) {
            await this.#happens(row.peer, row.text, row.line, findings);
          }
          break;
        default:
          break;
      }
    }
    await this.#arrive(pending);
    await this.settle(3);
    for (const [name, comparison] of comparisons) {
      comparison.giveUpOn(Number.POSITIVE_INFINITY);
      for (const finding of comparison.findings) {
        findings.push({ line: finding.line, text: `${name}: ${finding.text}` });
      }
    }
    await this.#endFile(plan);
    return findings;
  }

  /** Waits until everything sent has been processed and everything due has been received. */
  async settle(rounds = 2): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      await Promise.all([...this.#all].map((peer) => peer.barrier()));
      await turn();
      if ([...this.#all].some((peer) => peer.isSilent && !peer.isClosed)) {
        await sleep(5);
      }
    }
    if (this.target.isBusy) {
      await this.target.idle();
      await this.settle(rounds);
    }
  }

  /** Stops the server as SIGTERM does; what it tells its clients is compared like everything else. */
  stopServer(): void {
    void this.target.stop();
  }

  close(): void {
    for (const peer of this.#all) {
      peer.wire?.destroy();
    }
  }

  #prepare(
    conversation: Conversation,
    rows: readonly Row[],
    plan: Plan,
    about: readonly Difference[],
  ): Map<string, Comparison> {
    const comparisons = new Map<string, Comparison>();
    this.#peers = new Map();
    const filter = (message: Frame) => isCompared(message, plan);
    for (const [name, { client, openedAt }] of conversation.peers) {
      const continued = openedAt === undefined ? this.#live.get(plan.continues[name] ?? client) : undefined;
      const onMatch = (recorded: Frame, actual: Frame) => this.values.learn(recorded, actual);
      const comparison = new Comparison(continued?.hasSession ?? false, onMatch, {
        isLoose: plan.isOldServer,
        isCutOff: plan.cutOff.has(name),
      });
      comparisons.set(name, comparison);
      if (continued !== undefined) {
        continued.comparison = comparison;
        continued.filter = filter;
        continued.isUnrecorded = plan.windows[name] !== undefined;
        continued.isSilent = plan.silent.has(client);
        this.#peers.set(name, continued);
      }
    }
    for (const row of rows) {
      if (row.kind !== 'received' || !isCompared(row.frame, plan)) {
        continue;
      }
      const effects = about.filter((difference) => isAbout(difference, row.line)).map(({ effect }) => effect);
      if (effects.some(({ kind }) => kind === 'absent')) {
        continue;
      }
      const item = expectation(
        row.line,
        row.frame,
        row.isFiller,
        Number.isInteger(row.line) ? effects : [],
        plan.isOldServer,
      );
      comparisons.get(row.peer)!.expect(item);
    }
    return comparisons;
  }

  #windowsChange(line: number, plan: Plan): boolean {
    return Object.entries(plan.windows).some(([name, windows]) => {
      const peer = this.#peers.get(name);
      return peer !== undefined && peer.isUnrecorded === isInside(line, windows);
    });
  }

  #openWindows(line: number, plan: Plan): void {
    for (const [name, windows] of Object.entries(plan.windows)) {
      const peer = this.#peers.get(name);
      if (peer !== undefined) {
        peer.isUnrecorded = !isInside(line, windows);
      }
    }
  }

  async #open(name: string, comparison: Comparison, plan: Plan): Promise<void> {
    await this.#barrierOfLastSender(undefined);
    const client = name.split('@')[0]!;
    const peer = new ReplayPeer(name, plan.silent.has(client), () => void this.#changes.emit('change'));
    peer.comparison = comparison;
    peer.filter = (message) => isCompared(message, plan);
    this.#peers.set(name, peer);
    this.#all.add(peer);
    const web = plan.webSockets[client];
    peer.wire =
      web === undefined
        ? await openTcp(this.target.port, peer)
        : await openWebSocket(this.target.webSocketPort!, web, peer);
  }

  async #send(name: string, message: Frame, line: number, findings: Finding[], plan: Plan): Promise<void> {
    const peer = this.#peers.get(name);
    if (peer === undefined || peer.isClosed) {
      findings.push({ line, text: `${name} is not connected, so it can't send ${describe(message)}` });
      return;
    }
    await this.#barrierOfLastSender(peer);
    const json = jsonOf(message);
    if (json?.cmd === 'ident' && Array.isArray(json.args) && typeof json.args[0] === 'string') {
      peer.user = json.args[0];
    }
    peer.send(plan.rewrites[line]?.(message, this) ?? this.values.apply(message));
    this.#lastSender = peer;
  }

  /** A frame of the WebSocket itself that the recording mentions. */
  async #happens(name: string, text: string, line: number, findings: Finding[]): Promise<void> {
    const peer = this.#peers.get(name);
    const isThere = () => peer?.happenings.includes(text) ?? false;
    if (!(await this.#comes(isThere, lastPatience))) {
      findings.push({ line, text: `${name}: missing: ${text}` });
    }
  }

  /** Waits until it is so, for so many milliseconds at most; answers whether it is. */
  async #comes(isThere: () => boolean, ms: number): Promise<boolean> {
    const limit = AbortSignal.timeout(ms);
    while (!isThere() && !limit.aborted) {
      await once(this.#changes, 'change', { signal: limit }).catch(() => undefined);
    }
    return isThere();
  }

  /** The connection of this name in the file that is being replayed. */
  wireOf(name: string): Wire | undefined {
    return this.#peers.get(name)?.wire;
  }

  /** Messages of several clients keep their order: the one before is processed before another client goes on. */
  async #barrierOfLastSender(next: ReplayPeer | undefined): Promise<void> {
    if (this.#lastSender !== undefined && this.#lastSender !== next) {
      await this.#lastSender.barrier();
      await this.target.idle();
      this.#lastSender = undefined;
    }
  }

  async #hangUp(peer: ReplayPeer): Promise<void> {
    // Whatever came before has been waited for; what is on its way now was not read by the recorded client either.
    peer.isUnrecorded = true;
    await peer.barrier();
    if (!peer.isClosed) {
      // The recorded script left for good, but only real clients say so.
      peer.wire?.send(goodbye);
      // What still arrives counts, so the other side ends too before the connection is given up.
      peer.wire?.end();
      await this.#comes(() => peer.isClosed, peer.isSilent ? patience : lastPatience);
      peer.wire?.destroy();
    }
    this.#all.delete(peer);
    await this.settle();
  }

  async #endFile(plan: Plan): Promise<void> {
    for (const peer of this.#all) {
      peer.comparison = undefined;
      if (peer.isClosed) {
        this.#all.delete(peer);
      }
    }
    for (const [user, peer] of this.#live) {
      if (peer.isClosed || (!plan.stay.has(user) && !this.#all.has(peer))) {
        this.#live.delete(user);
      }
    }
    for (const peer of [...this.#all]) {
      if (plan.stay.has(peer.user)) {
        this.#live.set(peer.user, peer);
      } else {
        this.#live.delete(peer.user);
        await this.#hangUp(peer);
      }
    }
  }

  /** Moves the clock on, in steps short enough for clients to show that they are alive. */
  async #moveTo(time: number): Promise<void> {
    const { clock } = this.target;
    while (clock.now() < time) {
      const due = clock.nextDue ?? Number.POSITIVE_INFINITY;
      if (time - clock.now() <= 20 && due > time) {
        clock.advanceTo(time);
        return;
      }
      await this.settle(1);
      clock.advanceTo(Math.min(time, clock.now() + longestStep));
    }
  }

  /** Waits for rows that the recording has before the next step. */
  async #arrive(rows: readonly Row[]): Promise<void> {
    const { clock } = this.target;
    for (const row of rows) {
      const isThere = () => this.#hasArrived(row);
      if (isThere()) {
        continue;
      }
      await this.settle();
      if (isThere()) {
        continue;
      }
      await this.#moveTo(this.#base + row.time);
      await this.settle();
      if (!this.#hasGivenUp) {
        await this.#comes(isThere, patience);
        const limit = clock.now() + slack;
        while (!isThere() && clock.now() < limit) {
          await this.#moveTo(clock.now() + 100);
          await this.settle();
        }
        await this.#comes(isThere, lastPatience);
      }
      if (!isThere()) {
        this.#hasGivenUp = true;
        this.#giveUpOn(row);
      }
    }
  }

  #hasArrived(row: Row): boolean {
    if (row.kind === 'received') {
      const peer = this.#peers.get(row.peer);
      return peer?.comparison?.isMetUpTo(row.line) ?? false;
    }
    if (row.kind === 'closed') {
      return this.#peers.get(row.peer)?.isClosed ?? true;
    }
    return true;
  }

  #giveUpOn(row: Row): void {
    if (row.kind === 'received' || row.kind === 'closed') {
      const comparison = this.#peers.get(row.peer)?.comparison;
      comparison?.giveUpOn(row.line);
      if (row.kind === 'closed') {
        comparison?.findings.push({ line: row.line, text: 'the server did not close the connection' });
      }
    }
  }
}

function closesItself(line: number, effects: readonly Effect[], plan: Plan): boolean {
  return plan.clientCloses.has(line) || effects.some(({ kind }) => kind === 'clientCloses');
}

function isInside(line: number, windows: ReadonlyArray<readonly [number, number]>): boolean {
  return windows.some(([from, to]) => line >= from && line <= to);
}

/** Rows of the table of differences that say that more comes than was recorded. */
function withExtras(rows: readonly Row[], about: readonly Difference[]): Row[] {
  const result: Row[] = [];
  for (const row of rows) {
    result.push(row);
    for (const { effect } of about.filter((difference) => isAbout(difference, row.line))) {
      if (effect.kind === 'alsoTo' && row.kind === 'received') {
        result.push({ ...row, line: row.line + 0.01, peer: effect.peer });
      }
      if (effect.kind !== 'extra') {
        continue;
      }
      for (const [index, message] of effect.messages.entries()) {
        const place = { line: row.line + (index + 1) / 100, time: row.time, peer: effect.peer };
        result.push({ kind: 'received', ...place, frame: frameFrom(message), isFiller: false });
      }
    }
  }
  return result;
}

/** Where the table of differences says that clients' messages reached the recorded server earlier than noted. */
function inSendingOrder(rows: Row[], about: readonly Difference[]): Row[] {
  for (const { effect, lines } of about) {
    if (effect.kind === 'earlier') {
      const moved = rows.filter((row) => row.kind === 'sent' && isAbout({ lines }, row.line));
      const rest = rows.filter((row) => !moved.includes(row));
      const at = rest.findIndex((row) => row.line >= effect.before);
      rows = [...rest.slice(0, at), ...moved, ...rest.slice(at)];
    }
  }
  return rows;
}

/** Whether a received message takes part in the comparison at all. */
function isCompared(message: Frame, plan: Plan): boolean {
  if (message.type === messageType.ping || message.type === messageType.keepAlive) {
    return plan.comparesPings;
  }
  if (!plan.isOldServer || message.type >= 64) {
    return true;
  }
  const json = jsonOf(message);
  return json?.type === 'result'
    ? json.state !== undefined
    : json?.type === 'error' && json.code !== undefined;
}
