// Draws at a fixed rate, whatever the server does.

import { setImmediate as endOfTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Sender } from './room.js';
import { microseconds } from './wire.js';

/**
 * Sends `rate` messages per second over all senders for `seconds`. Stamps are the times at which a message was due,
 * so that a late generator counts as latency. Returns the longest delay of the generator itself, in milliseconds.
 */
export async function draw(senders: readonly Sender[], rate: number, seconds: number): Promise<number> {
  const total = Math.round(rate * seconds);
  const count = senders.length;
  const start = microseconds();
  let lag = 0;
  for (let sent = 0; sent < total; ) {
    const elapsed = microseconds() - start;
    const due = Math.min(total, Math.floor((elapsed * rate) / 1e6) + 1);
    if (due > sent) {
      lag = Math.max(lag, elapsed - (sent * 1e6) / rate);
      senders.forEach(({ client, script }, s) => {
        // Message i is sent by sender i % count.
        const first = sent + ((((s - sent) % count) + count) % count);
        if (first >= due) return;
        const batch = Math.floor((due - 1 - first) / count) + 1;
        client.send(script.next(batch, (i) => start + Math.floor(((first + i * count) * 1e6) / rate)));
      });
      sent = due;
    }
    await endOfTurn(); // not a timer: its millisecond would be added to every latency
  }
  return lag / 1000;
}

const restMs = 1;

/**
 * The same for a generator that shares its processor: it rests between messages, so that nobody has to wait for it.
 * Stamps are the times of sending, and how late that was is only in what is returned.
 */
export async function drawAtRest(senders: readonly Sender[], rate: number, seconds: number): Promise<number> {
  const total = Math.round(rate * seconds);
  const start = microseconds();
  let lag = 0;
  for (let sent = 0; sent < total; ) {
    const elapsed = microseconds() - start;
    const due = Math.min(total, Math.floor((elapsed * rate) / 1e6) + 1);
    if (due > sent) lag = Math.max(lag, elapsed - (sent * 1e6) / rate);
    for (; sent < due; sent++) {
      const { client, script } = senders[sent % senders.length]!;
      client.send(script.next(1, microseconds));
    }
    await sleep(restMs);
  }
  return lag / 1000;
}
