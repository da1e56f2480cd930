// Handles the messages of members: drawing goes into the history without decoding it (architecture §3), everything
// else to its handler.
import { Buffer } from 'node:buffer';
import { parseCommand } from '../protocol/command.js';
import {
  eachFrame,
  type FrameRun,
  frameLength,
  frameType,
  headerBytes,
  messageType,
} from '../protocol/frame.js';
import { type ChatSession, receiveChat, receivePrivateChat } from './chat.js';
import { type CommandSession, runCommand } from './commands/index.js';
import type { Member, Receiver } from './member.js';
import type { MessageFlow } from './message-flow.js';
import type { Clock } from './needs.js';
import type { Phase } from './phase.js';

export type IncomingSession = CommandSession &
  ChatSession & {
    readonly needs: { readonly clock: Pick<Clock, 'monotonic'> };
    readonly phase: Phase;
    readonly flow: MessageFlow;
    readonly thumbnails: {
      receive(member: Member, bytes: Buffer, start: number, end: number): void;
    };
    readonly roles: {
      receiveOwners(member: Member, bytes: Uint8Array, start: number, end: number): void;
      receiveTrusted(member: Member, bytes: Uint8Array, start: number, end: number): void;
    };
    readonly stream: { receive(member: Member, piece: Buffer): void };
  };

export class Incoming implements Receiver {
  readonly #session: IncomingSession;
  readonly #flow: MessageFlow;
  readonly #phase: Phase;
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor(session: IncomingSession) {
    this.#session = session;
    this.#flow = session.flow;
    this.#phase = session.phase;
    this.#clock = session.needs.clock;
  }

  receiveRun(member: Member, run: FrameRun): void {
    const now = this.#clock.monotonic();
    member.spoke(now);
    if (run.hasDrawing) member.drew(now);
    const { state } = this.#phase;
    if (state.name === 'running') {
      this.#flow.storeRun(run.bytes, run.start, run.end, run.count);
      return;
    }
    if (state.name === 'ended') {
      // A session that ended quietly: each user gets only their own messages (sessions.md §23.4).
      member.send(copyOf(run.bytes, run.start, run.end));
      return;
    }
    if (state.name === 'resetting' && state.reset.resetter === member)
      state.reset.receive(run.bytes, run.start, run.end, run.count);
    else if (state.name === 'initializing' && state.host === member) this.#storeUpload(member, run);
    else this.#flow.storeRun(run.bytes, run.start, run.end, run.count);
  }

  /** The host's first canvas: only what is not drawing comes back to it, and only what is stored (sessions.md §3.4). */
  #storeUpload(host: Member, run: Omit<FrameRun, 'hasDrawing'>): void {
    const { bytes, start, end, count } = run;
    if (run.hasMeta && count > 1 && !this.#flow.hasRoomFor(end - start)) {
      eachFrame(bytes, start, end, (from, to, type) => {
        const hasMeta = type < messageType.firstDrawing;
        this.#storeUpload(host, { bytes, start: from, end: to, count: 1, hasMeta });
      });
      return;
    }
    const isStored = this.#flow.storeRun(bytes, start, end, count);
    if (run.hasMeta && isStored) host.send(copyOfMeta(bytes, start, end));
  }

  /** A message of type < 64; its layout has been checked. sessions.md §6 */
  receiveSingle(member: Member, type: number, bytes: Buffer, start: number, end: number): void {
    const session = this.#session;
    const phase = this.#phase;
    member.spoke(this.#clock.monotonic());
    if (phase.isEnded) {
      if (type === messageType.chat || type === messageType.privateChat)
        member.send(copyOf(bytes, start, end));
      return;
    }
    if (phase.uploader !== member && !phase.isInitializing) bytes[start + 3] = member.id;
    switch (type) {
      case messageType.command: {
        const command = parseCommand(bytes, start + headerBytes, end);
        if (member.hasChangeUnderWay && command.cmd !== 'sessionconf') {
          // As if the change before it had been made immediately; of settings the newest wins all the same.
          member.hold('change');
          member.keep(bytes, start, end);
          return;
        }
        runCommand(session, member, command);
        return;
      }
      case messageType.disconnect:
      case messageType.keepAlive:
        return;
      case messageType.thumbnail:
        session.thumbnails.receive(member, bytes, start + headerBytes, end);
        return;
      case messageType.sessionOwner:
        session.roles.receiveOwners(member, bytes, start + headerBytes, end);
        return;
      case messageType.trustedUsers:
        session.roles.receiveTrusted(member, bytes, start + headerBytes, end);
        return;
      case messageType.chat:
        receiveChat(session, member, copyOf(bytes, start, end));
        return;
      case messageType.privateChat:
        receivePrivateChat(session, member, copyOf(bytes, start, end));
        return;
      case messageType.resetStream:
        session.stream.receive(member, copyOf(bytes, start + headerBytes, end));
        return;
      default: {
        const text = `Sent a message of type ${type}, which only a server may send`;
        session.writeLog('warn', 'RuleBreak', text, member.logUser);
      }
    }
  }

  receiveHeld(member: Member, bytes: Buffer): void {
    const type = frameType(bytes, 0);
    if (type < messageType.firstOpaque) {
      this.receiveSingle(member, type, bytes, 0, bytes.length);
      return;
    }
    let count = 0;
    let hasMeta = false;
    let hasDrawing = false;
    eachFrame(bytes, 0, bytes.length, (_start, _end, each) => {
      count++;
      if (each >= messageType.firstDrawing) hasDrawing = true;
      else hasMeta = true;
    });
    this.receiveRun(member, { bytes, start: 0, end: bytes.length, count, hasMeta, hasDrawing });
  }
}

/** A copy of a frame whose bytes belong to the transport. */
function copyOf(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(bytes.subarray(start, end));
}

/** The frames that are not drawing, behind each other: one copy per run, because a canvas has them between all strokes. */
function copyOfMeta(bytes: Buffer, start: number, end: number): Buffer {
  let size = 0;
  for (let at = start; at < end; ) {
    const length = frameLength(bytes, at);
    if (frameType(bytes, at) < messageType.firstDrawing) size += length;
    at += length;
  }
  const copy = Buffer.allocUnsafe(size);
  let to = 0;
  for (let at = start; at < end; ) {
    const next = at + frameLength(bytes, at);
    // byte by byte: they are a dozen bytes long
    if (frameType(bytes, at) < messageType.firstDrawing) for (; at < next; at++) copy[to++] = bytes[at]!;
    at = next;
  }
  return copy;
}
