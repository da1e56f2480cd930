// A session of a running server as the bytes of a recording, piece by piece.

import type { Admin } from '../admin/admin.js';
import { Refusal } from '../core/errors.js';
import { recordableFrames, recordingHead } from '../io/disk/recorder.js';

/** The session was reset while it was exported: the pieces so far do not belong together. */
export class SessionWasReset extends Error {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    super(refusal.message);
    this.refusal = refusal;
  }
}

export interface ExportedSession {
  readonly id: string;
  readonly protocol: string;
  /** Bytes of messages so far. */
  readonly bytes: number;
  /** May throw SessionWasReset. */
  readonly pieces: AsyncGenerator<Buffer>;
}

/** Throws a Refusal when there is no such session. */
export async function exportSession(admin: Admin, session: string): Promise<ExportedSession> {
  let part = await admin.run('session.export', { session });
  const { id, protocol } = part;
  let bytes = 0;
  async function* pieces(): AsyncGenerator<Buffer> {
    yield recordingHead(protocol);
    for (;;) {
      const frames = recordableFrames(protocol, Buffer.from(part.frames, 'base64'));
      bytes += frames.length;
      yield frames;
      const { next: from, until } = part;
      if (from === undefined) return;
      try {
        // by id: an alias may belong to another session by now
        part = await admin.run('session.export', { session: id, from, until });
      } catch (error) {
        throw error instanceof Refusal && error.kind === 'conflict' ? new SessionWasReset(error) : error;
      }
    }
  }
  return {
    id,
    protocol,
    pieces: pieces(),
    get bytes() {
      return bytes;
    },
  };
}
