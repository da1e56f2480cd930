// What happens when a session is full (sessions.md §15): room that is kept for what must not be lost.
import type { Buffer } from 'node:buffer';
import { headerBytes, messageType } from '../protocol/frame.js';
import { asBypassChat } from './chat.js';
import { replies, serverMessages } from './replies.js';
import type { Session } from './session.js';
import { texts } from './texts.js';

const emergencyBytes = 1024 * 1024;
const warnEveryMs = 10_000;

export class Space {
  readonly #session: Session;
  #lastWarning = Number.NEGATIVE_INFINITY;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Chat of an image that is uploaded may be anybody's; what goes out at once is the uploader's own. */
  #asOwnChat(frame: Buffer): Buffer {
    const copy = asBypassChat(frame);
    const { uploader } = this.#session;
    if (this.#session.state.name === 'initializing' && uploader) copy[3] = uploader.id;
    return copy;
  }

  /** For a frame that does not fit; whether it was stored after all. */
  storeEmergency(frame: Buffer): boolean {
    const session = this.#session;
    const type = frame[2]!;
    let isStored = false;
    if (type === messageType.join || type === messageType.leave || type === messageType.sessionOwner) {
      const small = type === messageType.join ? withoutAvatar(frame) : frame;
      if (session.history.sizeBytes + small.length <= session.historyLimit + emergencyBytes) {
        session.storeBeyondLimit(small);
        isStored = true;
      }
    }
    if (!isStored && type >= messageType.join && type < messageType.firstOpaque) {
      session.sendToAll(type === messageType.chat ? this.#asOwnChat(frame) : frame);
    }
    const now = session.needs.clock.monotonic();
    if (type === messageType.join || now - this.#lastWarning >= warnEveryMs) this.warn();
    return isStored;
  }

  /** Everyone is told that there is no room; clients lock their canvas then. */
  warn(): void {
    const session = this.#session;
    this.#lastWarning = session.needs.clock.monotonic();
    session.sendToAll(replies.outOfSpace());
    session.sendToAll(replies.keyed('alert', 'outofspace', {}, texts.outOfSpace));
  }
}

function withoutAvatar(frame: Buffer): Buffer {
  const nameLength = frame[headerBytes + 1]!;
  const name = frame.toString('utf8', headerBytes + 2, headerBytes + 2 + nameLength);
  return serverMessages.join(frame[3]!, frame[headerBytes]!, name, new Uint8Array());
}
