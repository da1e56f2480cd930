// What happens when a session is full (sessions.md §15): space that is reserved for what must not be lost.
import type { Buffer } from 'node:buffer';
import { frameContextId, frameType, headerBytes, messageType } from '../protocol/frame.js';
import { asBypassChat } from './chat.js';
import type { Clock, History } from './needs.js';
import type { Phase } from './phase.js';
import { replies, serverMessages } from './replies.js';
import { texts } from './texts.js';

const emergencyBytes = 1024 * 1024;
const warnEveryMs = 10_000;

export interface SpaceSession {
  readonly needs: { readonly clock: Pick<Clock, 'monotonic'> };
  readonly phase: Pick<Phase, 'host'>;
  readonly flow: {
    readonly history: Pick<History, 'sizeBytes'>;
    readonly historyLimit: number;
    storeBeyondLimit(frame: Buffer): void;
    sendToAll(frame: Buffer): void;
  };
}

export class Space {
  readonly #session: SpaceSession;
  #lastWarning = Number.NEGATIVE_INFINITY;

  constructor(session: SpaceSession) {
    this.#session = session;
  }

  /** Milliseconds since the last warning; for a successor of this process. */
  get warnedAgo(): number {
    return this.#session.needs.clock.monotonic() - this.#lastWarning;
  }

  set warnedAgo(ago: number) {
    this.#lastWarning = this.#session.needs.clock.monotonic() - ago;
  }

  /** Chat of an image that is uploaded may be anybody's; what goes out at once is the uploader's own. */
  #asOwnChat(frame: Buffer): Buffer {
    const copy = asBypassChat(frame);
    const { host } = this.#session.phase;
    if (host) copy[3] = host.id;
    return copy;
  }

  /** For a frame that does not fit; returns whether it was stored in the reserved space. */
  storeEmergency(frame: Buffer): boolean {
    const { flow, needs } = this.#session;
    const type = frameType(frame, 0);
    let isStored = false;
    if (type === messageType.join || type === messageType.leave || type === messageType.sessionOwner) {
      const small = type === messageType.join ? withoutAvatar(frame) : frame;
      if (flow.history.sizeBytes + small.length <= flow.historyLimit + emergencyBytes) {
        flow.storeBeyondLimit(small);
        isStored = true;
      }
    }
    if (!isStored && type >= messageType.join && type < messageType.firstOpaque) {
      flow.sendToAll(type === messageType.chat ? this.#asOwnChat(frame) : frame);
    }
    const now = needs.clock.monotonic();
    if (type === messageType.join || now - this.#lastWarning >= warnEveryMs) this.warn();
    return isStored;
  }

  /** Everyone is notified that there is no room; clients lock their canvas then. */
  warn(): void {
    const { flow, needs } = this.#session;
    this.#lastWarning = needs.clock.monotonic();
    flow.sendToAll(replies.outOfSpace());
    flow.sendToAll(replies.keyed('alert', 'outofspace', {}, texts.outOfSpace));
  }
}

function withoutAvatar(frame: Buffer): Buffer {
  const nameLength = frame.readUInt8(headerBytes + 1);
  const name = frame.toString('utf8', headerBytes + 2, headerBytes + 2 + nameLength);
  return serverMessages.join(frameContextId(frame, 0), frame.readUInt8(headerBytes), name, new Uint8Array());
}
