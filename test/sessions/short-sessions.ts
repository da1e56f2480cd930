// One short random session: people join, draw, chat, reset in every way, get kicked and vanish at every step.
// Afterwards everyone who is left must hold the same canvas history.

import { deflateSync } from 'node:zlib';
import { type Client, type ClientOptions, type Generation, generations } from '../helpers/client.js';
import type { ManualClock } from '../helpers/manual-clock.js';
import type { Seeded } from '../helpers/seeded.js';
import { type Frame, frame, type Json, jsonOf, messageType } from '../helpers/wire.js';

export interface Place {
  clock: ManualClock;
  /** Waits for what is under way outside of the event loop (inflating, hashing). */
  idle(): Promise<void>;
  connect(options: ClientOptions): Client;
  /** Counts what happened, so that the test can tell whether anything did. */
  happened(what: Happening): void;
}

export const happenings = [
  'reset done',
  'reset cancelled',
  'stream begun',
  'stream accepted',
  'stream refused',
  'autoreset by classic reset',
  'kicked',
  'join refused',
] as const;
export type Happening = (typeof happenings)[number];

/** What the people of one session saw differently; undefined: nothing. */
export async function liveOneSession(
  place: Place,
  random: Seeded,
  label: string,
): Promise<string | undefined> {
  const room = new Room(place, random, label);
  await room.begin();
  for (let steps = random.between(4, 14); steps > 0 && room.people.length > 0; steps--) {
    await room.step();
  }
  return room.finish();
}

type Step = 'draw' | 'chat' | 'join' | 'leave' | 'kick' | 'reset' | 'wait' | 'promote';

const steps: readonly Step[] = [
  'draw',
  'draw',
  'draw',
  'draw',
  'chat',
  'join',
  'join',
  'leave',
  'kick',
  'reset',
  'wait',
  'promote',
];

class Room {
  readonly people: Client[] = [];
  readonly #place: Place;
  readonly #random: Seeded;
  readonly #label: string;
  readonly #generation: Generation;
  #session = '';
  #counter = 0;

  constructor(place: Place, random: Seeded, label: string) {
    this.#place = place;
    this.#random = random;
    this.#label = label;
    this.#generation = random.pick(Object.keys(generations) as Generation[]);
  }

  async begin(): Promise<void> {
    const host = this.#place.connect({ name: 'p0', generation: this.#generation });
    await host.logIn('host');
    await host.host({ complete: false, image: this.#image(1) });
    if (this.#random.chance(0.2)) {
      // Someone who comes during the upload waits for it, and so does what they draw.
      this.#session = host.sessionId;
      await this.#join();
      this.people[0]!.draw(this.#stamp());
    }
    host.command('init-complete');
    this.#session = host.sessionId;
    this.people.unshift(host);
    this.#listen(host);
    await this.settle();
  }

  async step(): Promise<void> {
    switch (this.#random.pick(steps)) {
      case 'draw':
        this.#draw(this.#random.between(1, 12));
        break;
      case 'chat':
        this.#random.pick(this.people).chat(this.#stamp(), { bypass: this.#random.chance(0.3) });
        break;
      case 'join':
        if (this.people.length < 6) {
          await this.#join();
        }
        break;
      case 'leave':
        await this.#leave(this.#random.pick(this.people));
        break;
      case 'kick':
        this.#random.pick(this.people).command('kick-user', [this.#random.pick(this.people).userId]);
        break;
      case 'promote':
        this.#random
          .pick(this.people)
          .setOwners(...this.people.filter(() => this.#random.chance(0.5)).map((one) => one.userId));
        break;
      case 'reset':
        await this.#reset();
        break;
      case 'wait':
        await this.settle();
        this.#place.clock.advance(this.#random.pick([100, 3100, 11_000]));
        break;
    }
    if (this.#random.chance(0.7)) {
      await this.settle();
    }
    this.#forgetTheGone();
  }

  async finish(): Promise<string | undefined> {
    await this.settle();
    // A reset that is still open would keep the newest history from everyone: its resetter leaves.
    for (const client of [...this.people]) {
      if (client === this.#uploader) {
        await this.#leave(client);
      }
    }
    await this.settle();
    this.#forgetTheGone();
    let problem: string | undefined;
    if (this.people.length > 0) {
      await this.#join();
      await this.settle();
      this.#forgetTheGone();
      // A history in files may still be on its way to somebody.
      for (let attempt = 0; attempt < 300; attempt++) {
        problem = this.#compare();
        if (problem === undefined) {
          break;
        }
        await this.#place.idle();
      }
    }
    for (const client of this.people) {
      await (this.#random.chance(0.5) ? client.leave() : client.drop());
    }
    return problem;
  }

  #compare(): string | undefined {
    const [first, ...others] = this.people;
    const expected = canvasOf(first!);
    for (const other of others) {
      const problem = firstDifference(first!, expected, other);
      if (problem !== undefined) {
        return problem;
      }
    }
    return undefined;
  }

  async settle(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      await Promise.all(this.people.map((client) => client.ping()));
      await this.#place.idle();
    }
  }

  #uploader: Client | undefined;

  #forgetTheGone(): void {
    for (const client of [...this.people]) {
      if (client.isClosed) {
        this.people.splice(this.people.indexOf(client), 1);
        if (this.#uploader === client) {
          this.#uploader = undefined;
        }
      }
    }
  }

  #stamp(): string {
    this.#counter++;
    return `${this.#label}/${this.#counter}`;
  }

  #image(userId: number): Buffer[] {
    return Array.from({ length: this.#random.between(1, 6) }, () =>
      frame(this.#random.pick([129, 140, 148, 255]), userId, this.#stamp()),
    );
  }

  #draw(count: number): void {
    const who = this.#random.pick(this.people);
    for (let left = count; left > 0; left--) {
      const padding = 'x'.repeat(this.#random.pick([0, 10, 200]));
      who.draw(`${this.#stamp()}${padding}`, this.#random.pick([65, 128, 140, 148, 200]));
    }
  }

  async #join(): Promise<void> {
    const name = `p${++this.#counter}`;
    const client = this.#place.connect({ name, generation: this.#generation });
    try {
      await client.logIn('join');
      await client.join(this.#session);
    } catch {
      // Refused: the session is being reset, or ended.
      this.#place.happened('join refused');
      await client.drop();
      return;
    }
    this.people.push(client);
    this.#listen(client);
  }

  async #leave(client: Client): Promise<void> {
    await (this.#random.chance(0.5) ? client.leave() : client.drop());
    this.#forgetTheGone();
  }

  /** A manual reset, in one of the ways in which it can go. */
  async #reset(): Promise<void> {
    const who = this.#random.pick(this.people);
    const type = this.#random.pick(['current', 'past', 'external', '']);
    const mark = who.log.length;
    who.command('reset-session', [], type === '' ? {} : { type });
    await this.settle();
    this.#forgetTheGone();
    const isGranted =
      who.log.slice(mark).some((message) => jsonOf(message)?.state === 'init') && !who.isClosed;
    if (!isGranted) {
      return;
    }
    this.#uploader = who;
    const ways = [
      'complete',
      'complete',
      'complete',
      'cancel',
      'empty',
      'leave',
      'left open',
      'kicked',
      'deposed',
    ] as const;
    const way = this.#random.pick(ways);
    const act = async () => {
      if (this.#random.chance(0.4)) {
        this.#draw(2);
      }
      if (this.#random.chance(0.1)) {
        await this.#join();
      }
      if (this.#random.chance(0.3)) {
        await this.settle();
      }
    };
    await act();
    if (this.#random.chance(0.8)) {
      who.command('init-begin');
    }
    if (way !== 'empty') {
      for (const part of this.#image(who.userId)) {
        who.send(part);
        if (this.#random.chance(0.2)) {
          await act();
        }
      }
    }
    switch (way) {
      case 'complete':
      case 'empty':
        who.command('init-complete');
        break;
      case 'cancel':
        who.command('init-cancel');
        break;
      case 'leave':
        await this.#leave(who);
        break;
      case 'kicked':
        this.#random.pick(this.people).command('kick-user', [who.userId]);
        break;
      case 'deposed': {
        const other = this.#random.pick(this.people);
        other.setOwners(other.userId);
        break;
      }
      case 'left open':
        return;
    }
    this.#uploader = way === 'kicked' || way === 'deposed' ? who : undefined;
    await this.settle();
    this.#forgetTheGone();
  }

  /** Answers autoreset queries in this person's way, and does the reset when chosen. */
  #listen(client: Client): void {
    const manner = this.#random.pick([
      'streams',
      'streams',
      'streams',
      'classic',
      'silent',
      'breaks off',
      'lies',
      'vanishes',
      'sends nonsense',
    ] as const);
    client.onFrame = (message) => {
      const json = jsonOf(message);
      this.#count(client, message);
      if (json?.type === 'autoreset' && json.query === true && manner !== 'silent') {
        client.answerAutoreset(json.payload, manner !== 'classic');
      } else if (json?.type === 'autoreset' && json.query === false) {
        if (json.stream === undefined) {
          client.command('reset-session');
        } else {
          client.command('stream-reset-start', [json.correlator as Json]);
        }
      } else if (
        json?.type === 'reset' &&
        json.state === 'init' &&
        this.#uploader !== client &&
        manner === 'classic'
      ) {
        this.#place.happened('autoreset by classic reset');
        client.command('init-begin');
        client.send(...this.#image(client.userId));
        client.command('init-complete');
      } else if (json?.type === 'sstart' && message.context === client.userId) {
        this.#stream(client, manner);
      }
    };
  }

  #count(client: Client, message: Frame): void {
    const json = jsonOf(message);
    if (json?.type === 'reset' && json.state === 'reset') {
      this.#place.happened('reset done');
    } else if (json?.T === 'resetcancel') {
      this.#place.happened('reset cancelled');
    } else if (json?.type === 'sstart' && message.context === client.userId) {
      this.#place.happened('stream begun');
    } else if (json?.type === 'sprogress' && json.cancel === true) {
      this.#place.happened('stream refused');
    } else if (json?.type === 'log' && String(json.message).startsWith('Streamed reset complete')) {
      this.#place.happened('stream accepted');
    } else if (message.type === messageType.disconnect && message.payload[0] === 1) {
      this.#place.happened('kicked');
    }
  }

  /** Uploads what the canvas is at this point, a piece after each answer. */
  #stream(client: Client, manner: string): void {
    const image = client.canvas.map(({ bytes }) => bytes);
    const packed = deflateSync(Buffer.concat(image));
    const pieces: Buffer[] = [];
    const size = Math.max(1, Math.ceil(packed.length / this.#random.between(1, 4)));
    for (let at = 0; at < packed.length; at += size) {
      pieces.push(packed.subarray(at, at + size));
    }
    const usual = client.onFrame;
    const sendNext = () => {
      const piece = manner === 'sends nonsense' ? this.#random.bytes(20) : pieces.shift();
      if (piece !== undefined) {
        client.send(frame(messageType.resetStream, client.userId, piece));
        return;
      }
      client.onFrame = usual;
      client.command('stream-reset-finish', [image.length + (manner === 'lies' ? 1 : 0)]);
    };
    client.onFrame = (message) => {
      const json = jsonOf(message);
      if (json?.type === 'sprogress') {
        this.#count(client, message);
        if (json.cancel === true) {
          client.onFrame = usual;
        } else if (manner === 'breaks off' && this.#random.chance(0.5)) {
          client.onFrame = usual;
          client.command('stream-reset-abort');
        } else if (manner === 'vanishes' && this.#random.chance(0.5)) {
          void client.drop();
        } else {
          sendNext();
        }
      } else {
        usual?.(message);
      }
    };
    sendNext();
  }
}

/**
 * The canvas as comparable texts. The context id is left out: the image of a streamed reset arrives under that
 * of whoever streamed it (sessions.md §14.5).
 */
function canvasOf(client: Client): string[] {
  return client.canvas
    .filter(isLasting)
    .map(({ type, payload }) => `${type} ${payload.toString().slice(0, 40)}`);
}

function isLasting(message: Frame): boolean {
  return message.type >= 64;
}

function firstDifference(first: Client, expected: readonly string[], other: Client): string | undefined {
  const found = canvasOf(other);
  const length = Math.max(found.length, expected.length);
  for (let at = 0; at < length; at++) {
    if (found[at] !== expected[at]) {
      return `${first.name} has ${expected.length}, ${other.name} ${found.length} messages; at ${at}: ${expected[at]} and ${found[at]}`;
    }
  }
  return undefined;
}
