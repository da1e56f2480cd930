// One session with its users.

import { LoadClient } from './client.js';
import type { Histogram } from './histogram.js';
import { Receiver } from './receiver.js';
import { Script } from './script.js';
import type { Target } from './socket.js';
import { Transcript } from './transcript.js';
import { command, markFrame } from './wire.js';

const markTimeoutMs = 120_000; // longest wait for messages that must come

export interface RoomOptions {
  target: Target;
  /** Where the next one goes to, if not all go the same way. */
  nextTarget?: () => Target;
  /** Told of a failure outside of any call. */
  onError: (error: Error) => void;
  /** Where latencies go. */
  latency?: Histogram;
  /** How far receivers may lie apart and still be checked. */
  transcriptBytes?: number;
}

export interface Sender {
  client: LoadClient;
  script: Script;
}

/** Rejects when `promise` takes longer than `ms`. */
export async function within<T>(promise: Promise<T>, what: string, ms = markTimeoutMs): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`took too long: ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs `work(i)` for all i below `count`, at most `width` at once. */
export async function inParallel(
  count: number,
  width: number,
  work: (i: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
}

let namesGiven = 0;

export class Room {
  id = '';
  clients: LoadClient[] = [];
  receivers: Receiver[] = [];
  senders: Sender[] = [];
  /** What the host uploaded. */
  readonly past: Script;
  /** Bytes that `open` uploaded. */
  pastBytes = 0;
  readonly #options: RoomOptions;
  #transcript: Transcript;
  #marks = 0;

  constructor(options: RoomOptions, past = new Script(1, ++namesGiven)) {
    this.#options = options;
    this.#transcript = new Transcript(options.transcriptBytes);
    this.past = past;
  }

  client(): LoadClient {
    const { target, nextTarget, onError } = this.#options;
    return new LoadClient(nextTarget?.() ?? target, `u${++namesGiven}`, onError);
  }

  /** Makes `client` one of the receivers, before it joins. */
  receive(client: LoadClient): Receiver {
    this.clients.push(client);
    const receiver = new Receiver(client, this.#transcript, this.#options.latency);
    this.receivers.push(receiver);
    return receiver;
  }

  /** Hosts the session with `bytes` of content, then joins as `users - 1` others, `width` at once. */
  async open(users: number, bytes = 2000, width = 10): Promise<this> {
    const host = this.client();
    this.receive(host);
    await host.openSession();
    this.id = host.sessionId;
    for (const batch of this.past.upload(bytes)) {
      this.pastBytes += batch.length;
      await host.sendAll(batch);
    }
    host.completeInit();
    await inParallel(users - 1, width, async () => {
      const client = this.client();
      this.receive(client);
      await client.join(this.id);
    });
    return this;
  }

  /** Has the session outlive its users, where the server lets it. */
  async persist(): Promise<void> {
    this.clients[0]!.send(command('sessionconf', [], { persistent: true }));
    await this.mark();
  }

  /** Gives the first `count` users something to draw. */
  scripts(count: number): Sender[] {
    this.senders = this.clients.slice(0, count).map((client) => {
      const script = new Script(client.id, 1000 + client.id);
      this.#transcript.scripts.set(client.id, script);
      return { client, script };
    });
    return this.senders;
  }

  /** Every sender sends a mark: when all of them have come to every receiver, so has all that was sent before. */
  async mark(): Promise<void> {
    const mark = ++this.#marks;
    const from = this.senders.length > 0 ? this.senders.map((s) => s.client) : [this.receivers[0]!.client];
    const everywhere = this.receivers.map((receiver) => {
      let left = from.length;
      return new Promise<void>((resolve) => {
        receiver.onMark = (m) => {
          if (m === mark && --left === 0) resolve();
        };
      });
    });
    for (const client of from) client.send(markFrame(client.id, mark));
    await within(Promise.all(everywhere), `mark ${mark} at every receiver`);
  }

  /** Begins a transcript with the history. The host, who does not get what it uploaded, is left out. */
  checkHistory(transcriptBytes: number): void {
    for (const { client } of this.receivers) client.sink = undefined;
    this.receivers = [];
    this.past.seen = 0;
    this.#transcript = new Transcript(Math.ceil(transcriptBytes));
    this.#transcript.scripts.set(1, this.past);
  }

  /** Messages of scripts that came, over all receivers. */
  delivered(): number {
    return this.receivers.reduce((sum, r) => sum + r.drawn, 0);
  }

  bytes(): number {
    return this.receivers.reduce((sum, r) => sum + r.bytes, 0);
  }

  /** Throws unless every receiver got everything. Call it after `mark`. */
  finish(): void {
    this.#transcript.finish(this.receivers);
  }

  close(): void {
    for (const client of this.clients) client.close();
  }
}
