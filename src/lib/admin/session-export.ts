// Exports the history of a session in parts, from which a recording is made while the session continues.

import { fault, refusal } from '../core/errors.js';
import { frameLength } from '../core/protocol/frame.js';
import type { Clock } from '../core/session/needs.js';
import type { Session } from '../core/session/session.js';
import { requireLive } from './live.js';
import { type AdminNeeds, look } from './operation.js';
import { count, described, integer, object, type Static, text } from './schema.js';
import { requireSession } from './session-actions.js';
import { session } from './session-shapes.js';

const partInput = object(
  { session },
  {
    from: described(count, 'index of the first message to export'),
    until: described(count, 'until of the first answer'),
  },
);
const historyPart = object(
  {
    id: text,
    protocol: text,
    frames: described(text, 'messages as they go over the wire, in base64'),
    until: described(integer, 'end of the export; pass it on in the next request'),
  },
  { next: described(integer, 'from of the next request; left out: the export is complete') },
);

export const sessionExportOperations = {
  'session.export': look({
    summary: 'Export the history of a session in parts',
    role: 'administrator',
    input: partInput,
    output: historyPart,
    run: exportSession,
  }),
};

const exportBytesAtMost = 1024 * 1024;
const exportWaitMs = 5_000;

/** What is asked for is being read from the disk; false: that takes too long. */
function becomesReadable(clock: Clock, session: Session): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = session.flow.whenReadable(() => {
      timer.cancel();
      resolve(true);
    });
    const timer = clock.after(exportWaitMs, () => {
      stop();
      resolve(false);
    });
  });
}

/** The history as it is at the first request, for a recording. Refusal `conflict` when the session was reset since then. */
export async function exportSession(
  needs: AdminNeeds,
  input: Static<typeof partInput>,
): Promise<Static<typeof historyPart>> {
  const live = requireLive(needs);
  const session = await requireSession(live, input.session);
  const { history } = session;
  for (;;) {
    const { firstIndex } = history;
    if (input.from !== undefined && input.from < firstIndex) {
      throw refusal('session-reset-meanwhile');
    }
    // what is not there yet would be waited for
    const until = Math.min(input.until ?? history.lastIndex, history.lastIndex);
    const cursor = history.cursorAt(input.from ?? firstIndex);
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    while (cursor.index <= until && bytes < exportBytesAtMost && history.firstIndex === firstIndex) {
      const wanted = until + 1 - cursor.index;
      const piece = history.read(cursor);
      if (piece) {
        pieces.push(Buffer.from(firstFrames(piece, wanted)));
        bytes += piece.length;
      } else if (!(await becomesReadable(live.clock, session))) {
        throw fault('session-history-unreadable', { session: session.id });
      }
    }
    // A reset while the disk was waited for: nothing of the old history goes with the new one.
    if (history.firstIndex !== firstIndex) continue;
    return {
      id: session.id,
      protocol: session.protocol,
      frames: Buffer.concat(pieces).toString('base64'),
      until,
      ...(cursor.index <= until && { next: cursor.index }),
    };
  }
}

/** So many frames from the start of `bytes`, or all of them. */
function firstFrames(bytes: Uint8Array, count: number): Uint8Array {
  let at = 0;
  for (let i = 0; i < count && at < bytes.length; i++) at += frameLength(bytes, at);
  return bytes.subarray(0, at);
}
