// Recordings that the server makes of sessions (--record): a file from the start of the history, and a new one at
// each reset. A recorder reads the history like a member. formats.md §5
import { Buffer } from 'node:buffer';
import * as fs from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { frameLength, frameType, makeFrame, messageType } from '../../core/protocol/frame.js';
import { parseVersion } from '../../core/protocol/version.js';
import type { Cursor, History, Recorder } from '../../core/session/needs.js';
import { makeFolder } from '../files/folders.js';
import { AppendFile } from './append-file.js';
import { type Disk, lastTries } from './disk.js';
import { makeHead } from './history-head.js';

/** Types below are control messages, which players of 2.1 do not expect in a recording (formats.md §2.2). */
const firstRecordable = messageType.join;

export interface RecordedSession {
  id: string;
  alias: string;
  protocol: string;
}

export interface RecordingsOptions {
  /** A file name with `%d %t %h %i %a`, or a folder. `~/` is the home folder. */
  pattern: string;
  disk: Disk;
  now(): Date;
  report(level: 'warn' | 'info', message: string, sessionId: string): void;
}

/** Makes the recorders of a server. */
export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #recorders = new Set<SessionRecorder>();

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  make(session: RecordedSession): Recorder {
    const path = recordingPath(this.#options.pattern, session, this.#options.now());
    const recorder = new SessionRecorder(this.#options, session, path, () =>
      this.#recorders.delete(recorder),
    );
    this.#recorders.add(recorder);
    return recorder;
  }

  /** Files that are being written, complete paths. */
  get paths(): ReadonlySet<string> {
    return new Set([...this.#recorders].flatMap((recorder) => recorder.paths));
  }

  /** Ends all recordings; resolves when they are written. */
  async stop(): Promise<void> {
    await Promise.all([...this.#recorders].map((recorder) => recorder.stopped()));
  }
}

const two = (number: number): string => String(number).padStart(2, '0');

/** The pattern with what it stands for; a folder gets the original's pattern for its files. */
export function recordingPath(pattern: string, session: RecordedSession, now: Date): string {
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join('.');
  const values = {
    d: `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`,
    t: time,
    // The manual's name for the time.
    h: time,
    i: session.id,
    a: session.alias || session.id,
  };
  return patternOfFiles(pattern).replace(/%([dthia])/g, (_, key: keyof typeof values) => values[key]);
}

/** The folder in which all recordings are, some of them perhaps in folders below. */
export function recordingsFolder(pattern: string): string {
  const [fixed] = patternOfFiles(pattern).split(/%[dthia]/, 1);
  return dirname(`${fixed}x`);
}

function patternOfFiles(pattern: string): string {
  const path = /^~(\/|$)/.test(pattern) ? join(homedir(), pattern.slice(1)) : pattern;
  return isFolder(path) ? join(path, '%d %t session %i.dprec') : path;
}

/** There, or to be made: a name without placeholder and `.dprec` would be one file for all sessions. */
function isFolder(path: string): boolean {
  if (path.endsWith('/')) return true;
  try {
    return fs.statSync(path).isDirectory();
  } catch {
    return !/%[dthia]|\.dprec(\.|$)/i.test(path);
  }
}

/** The name with a number, as the original makes it: `x.dprec`, `x (1).dprec` … */
function numberedPath(path: string, number: number): string {
  const dot = path.toLowerCase().lastIndexOf('.dprec');
  const isNamed = dot > 0 && !path.slice(dot).includes('/');
  const base = isNamed ? path.slice(0, dot) : path;
  const extension = isNamed ? path.slice(dot + 1) : 'dprec';
  return number === 0 ? `${base}.${extension}` : `${base} (${number}).${extension}`;
}

class SessionRecorder implements Recorder {
  readonly #options: RecordingsOptions;
  readonly #session: RecordedSession;
  readonly #path: string;
  readonly #whenStopped: () => void;
  readonly #keepsControl: boolean;
  #history: History | undefined;
  #cursor: Cursor | undefined;
  #take: Take | undefined;
  /** Ended, but not written to the end. */
  readonly #endingTakes = new Set<Take>();
  #isStopped = false;
  readonly #waiting: (() => void)[] = [];

  constructor(options: RecordingsOptions, session: RecordedSession, path: string, whenStopped: () => void) {
    this.#options = options;
    this.#session = session;
    this.#path = path;
    this.#whenStopped = whenStopped;
    this.#keepsControl = keepsControl(session.protocol);
  }

  get file(): Recorder['file'] {
    const { path, sizeBytes = 0, isFailing = false } = this.#take ?? {};
    return path === undefined ? undefined : { path, sizeBytes, isFailing };
  }

  /** Of what is written at the moment. */
  get paths(): readonly string[] {
    const takes = this.#take === undefined ? [] : [this.#take];
    return [...takes, ...this.#endingTakes].flatMap(({ path }) =>
      path === undefined ? [] : [resolve(path)],
    );
  }

  restart(history: History): void {
    if (this.#isStopped) return;
    this.#endTake();
    this.#history = history;
    this.#cursor = history.cursorAt(history.firstIndex);
    this.wake();
  }

  readonly wake = (): void => {
    if (!this.#take?.isFailing) this.#record();
  };

  /** What can be read now. */
  #record(): void {
    const history = this.#history;
    const cursor = this.#cursor;
    if (!history || !cursor) return;
    const pieces: Uint8Array[] = [];
    for (let slice = history.read(cursor); slice; slice = history.read(cursor)) {
      if (this.#keepsControl) pieces.push(slice);
      else pieces.push(...recordable(slice));
    }
    if (pieces.length === 0) return;
    this.#take ??= new Take(this.#options, this.#session, this.#path, this.wake);
    this.#take.write(pieces);
  }

  stop(): void {
    if (this.#isStopped) return;
    // Also what waits because nothing can be written: a few tries are left.
    this.#record();
    this.#isStopped = true;
    this.#history = this.#cursor = undefined;
    this.#endTake();
    this.#notifyIfDone();
  }

  /** Resolves when everything is written, or cannot be. */
  stopped(): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push(done);
      this.stop();
      this.#notifyIfDone();
    });
  }

  #endTake(): void {
    const take = this.#take;
    this.#take = undefined;
    if (!take) return;
    this.#endingTakes.add(take);
    take.end(() => {
      this.#endingTakes.delete(take);
      this.#notifyIfDone();
    });
  }

  #notifyIfDone(): void {
    if (!this.#isStopped || this.#endingTakes.size > 0) return;
    this.#whenStopped();
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** One file of a recording. */
class Take {
  /** What was handed over cannot be written at the moment; nothing more should be. */
  isFailing = false;
  readonly #options: RecordingsOptions;
  readonly #session: RecordedSession;
  readonly #path: string;
  readonly #whenFree: () => void;
  #file: AppendFile | undefined;
  #pieces: Uint8Array[] = [];
  #isWriting = false;
  #whenEnded: (() => void) | undefined;
  /** After the end: how often what fails is tried again. */
  #triesLeft = lastTries;

  /** `whenFree`: called when trouble has ended. */
  constructor(options: RecordingsOptions, session: RecordedSession, path: string, whenFree: () => void) {
    this.#options = options;
    this.#session = session;
    this.#path = path;
    this.#whenFree = whenFree;
  }

  write(pieces: readonly Uint8Array[]): void {
    this.#pieces.push(...pieces);
    this.#writeOn();
  }

  /** `done` is called when all is written, or is given up because it cannot be. */
  end(done: () => void): void {
    this.#whenEnded = done;
    this.#endIfDone();
  }

  readonly #writeOn = (): void => {
    if (this.#isWriting || this.#pieces.length === 0) {
      this.#endIfDone();
      return;
    }
    try {
      this.#file ??= this.#begin();
    } catch (error) {
      this.#reportProblem(error as Error);
      return;
    }
    const file = this.#file;
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#isWriting = true;
    const written = (error: Error | undefined): void => {
      this.#isWriting = false;
      if (error) {
        this.#pieces = [...pieces, ...this.#pieces];
        this.#reportProblem(error);
        return;
      }
      if (this.isFailing) {
        this.isFailing = false;
        this.#options.disk.noteProblem(this, undefined);
        this.#options.report('info', `Recording ${file.path} is written again`, this.#session.id);
        this.#whenFree();
      }
      this.#writeOn();
    };
    file.write(pieces, written, { isOffLoop: this.isFailing });
  };

  #endIfDone(): void {
    const done = this.#whenEnded;
    if (!done || this.#isWriting || (this.#pieces.length > 0 && !this.isFailing)) return;
    if (this.#pieces.length > 0 && this.#triesLeft-- > 0) {
      this.#options.disk.retryLater(this.#writeOn, { isLast: true });
      return;
    }
    if (this.#pieces.length > 0) {
      this.#options.report(
        'warn',
        `Recording ${this.#place} is incomplete: its end could not be written`,
        this.#session.id,
      );
    }
    this.#options.disk.forgetRetry(this.#writeOn);
    this.#pieces = [];
    this.#whenEnded = undefined;
    this.#file?.close();
    done();
  }

  /** Undefined: there is no file yet. */
  get path(): string | undefined {
    return this.#file?.path;
  }

  get sizeBytes(): number {
    return this.#file?.sizeBytes ?? 0;
  }

  get #place(): string {
    return this.#file?.path ?? this.#path;
  }

  /** A file with its head, under a name that is free. */
  #begin(): AppendFile {
    const head = recordingHead(this.#session.protocol);
    makeFolder(dirname(this.#path));
    let path = this.#path;
    for (let number = 0; ; number++) {
      try {
        return AppendFile.create(this.#options.disk, path, head);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      path = numberedPath(this.#path, number);
    }
  }

  #reportProblem(error: Error): void {
    this.#options.disk.retryLater(this.#writeOn);
    if (!this.isFailing) {
      this.isFailing = true;
      this.#options.disk.noteProblem(this, `cannot write recordings: ${error.message}`);
      this.#options.report(
        'warn',
        `Cannot write recording ${this.#place}: ${error.message}`,
        this.#session.id,
      );
    }
    this.#endIfDone();
  }
}

/** Header as 2.3 writes it, and the two messages with which its recordings begin (formats.md §2.2). */
export function recordingHead(protocol: string): Buffer {
  const head = makeHead({ version: protocol, 'server-recording': 'true' });
  if ((parseVersion(protocol)?.major ?? 0) < 25) return head;
  return Buffer.concat([
    head,
    makeFrame(messageType.featureAccess, 0, Buffer.alloc(12, 3)),
    makeFrame(messageType.featureLimits, 0, Buffer.alloc(8 * 4, 0xff)),
  ]);
}

/** What may be in a recording of this protocol, of complete frames. */
export function recordableFrames(protocol: string, frames: Buffer): Buffer {
  return keepsControl(protocol) ? frames : Buffer.concat(recordable(frames));
}

function keepsControl(protocol: string): boolean {
  return (parseVersion(protocol)?.major ?? 0) >= 24;
}

/** The runs of frames that may be in a recording of 2.1. */
function recordable(slice: Uint8Array): Uint8Array[] {
  const runs: Uint8Array[] = [];
  let start = 0;
  for (let at = 0; at < slice.length; ) {
    const next = at + frameLength(slice, at);
    if (frameType(slice, at) < firstRecordable) {
      if (at > start) runs.push(slice.subarray(start, at));
      start = next;
    }
    at = next;
  }
  if (start < slice.length) runs.push(slice.subarray(start));
  return runs;
}
