// From one recording to another: reads, upgrades, filters, writes. Files and pipes are in io.

import { Buffer } from 'node:buffer';
import { ProtocolError, refusal } from '../errors.js';
import { maxPayloadBytes } from '../protocol/frame.js';
import { encodePayload, type Generation, messageTables } from '../protocol/messages.js';
import { type AccessFilter, accessFilter } from './access.js';
import type { HeaderItem, Problem, RecordedMessage, RecordingFormat } from './items.js';
import { isWanted, type Pass, passPayload } from './pass.js';
import { RecordingReader } from './reader.js';
import { upgradePayload } from './upgrade.js';
import { RecordingWriter } from './writer.js';

export interface ConversionOptions {
  /** Undefined: found out. */
  inputFormat?: RecordingFormat | undefined;
  /** Undefined: the opposite of the input's. */
  outputFormat?: RecordingFormat | undefined;
  /** The layout of the input when its header does not say it. */
  generation?: Generation | undefined;
  /** 4.24 becomes 4.25. */
  upgrades?: boolean;
  /** Refuses what cannot be upgraded, instead of leaving it as it is. */
  requiresUpgrade?: boolean;
  pass?: Pass;
  /** Messages that clients would ignore go: 2.1 keeps them marked as filtered, later versions drop them. */
  filtersAccess?: boolean;
  /** Only these users' drawing. */
  users?: ReadonlySet<number> | undefined;
  /** Byte for byte what the original's converters write, with the messages and keys that they add. */
  isOriginal?: boolean;
}

export interface ConversionCount {
  readMessages: number;
  writtenMessages: number;
  /** Against the access rules. */
  filteredMessages: number;
  /** Left out on purpose: by pass, by user, or because the new version has no such message. */
  droppedMessages: number;
  errors: number;
  warnings: number;
}

/** Fed the bytes of one recording, gives the bytes of another. Throws a Refusal when the input is none. */
export class Conversion {
  readonly count: ConversionCount = {
    readMessages: 0,
    writtenMessages: 0,
    filteredMessages: 0,
    droppedMessages: 0,
    errors: 0,
    warnings: 0,
  };
  readonly #options: ConversionOptions;
  readonly #reader: RecordingReader;
  readonly #report: (problem: Problem) => void;
  #writer: RecordingWriter | undefined;
  #from: Generation = '4.25';
  #to: Generation = '4.25';
  #protocol: string | undefined;
  #access: AccessFilter | undefined;

  constructor(options: ConversionOptions, report: (problem: Problem) => void) {
    this.#options = options;
    this.#report = report;
    this.#reader = new RecordingReader({
      format: options.inputFormat,
      generation: options.generation,
      isOriginal: options.isOriginal ?? false,
    });
  }

  get inputFormat(): RecordingFormat | undefined {
    return this.#reader.format;
  }

  /** The version of what is written, once it is known. */
  get outputProtocol(): string | undefined {
    return this.#protocol;
  }

  /** What can be written after these bytes. */
  read(chunk: Uint8Array): Buffer {
    return this.#convert(() => this.#reader.read(chunk));
  }

  end(): Buffer {
    return this.#convert(() => this.#reader.end());
  }

  #convert(read: () => ReturnType<RecordingReader['read']>): Buffer {
    for (const item of read()) {
      if (item.kind === 'header') this.#start(item);
      else if (item.kind === 'problem') this.#countAndReport(item);
      else this.#message(item);
    }
    return this.#writer?.take() ?? Buffer.alloc(0);
  }

  #countAndReport(problem: Problem): void {
    this.count[problem.severity === 'error' ? 'errors' : 'warnings']++;
    this.#report(problem);
  }

  #start({ header, metadata }: HeaderItem): void {
    const from = this.#reader.generation;
    if (from === undefined) {
      throw refusal('recording-version-unknown', { version: String(header.get('version') ?? 'unknown') });
    }
    const { isOriginal = false, upgrades = false } = this.#options;
    this.#from = from;
    this.#to = upgrades && from === '4.24' ? '4.25' : from;
    if (this.#options.requiresUpgrade && from === '4.21') {
      throw refusal('recording-not-upgradable');
    }
    const added = new Map<string, string>();
    if (!header.has('version') || this.#to !== from) added.set('version', messageTables[this.#to].protocol);
    if (isOriginal && this.#to === '4.21' && !header.has('writerversion')) {
      added.set('writerversion', '2.1.20');
    }
    const written = new Map([...header, ...added]);
    this.#protocol = String(written.get('version'));
    this.#writer = new RecordingWriter({
      format: this.#options.outputFormat ?? (this.#reader.format === 'binary' ? 'text' : 'binary'),
      generation: this.#to,
      header: written,
      metadata: isOriginal || added.size > 0 ? undefined : metadata,
      isOriginal,
    });
    if (this.#options.filtersAccess) this.#access = accessFilter(this.#to);
    if (isOriginal && this.#to === '4.25') this.#addOriginalHead();
  }

  /** The two messages that the original's recorder begins with (formats.md §2.2). */
  #addOriginalHead(): void {
    const table = messageTables['4.25'];
    for (const [type, fields] of [
      [70, { feature_tiers: new Array<number>(12).fill(3) }],
      [77, { limits: new Array<number>(8).fill(-1) }],
    ] as const) {
      const row = table.row(type);
      if (row) this.#writer?.write({ type, contextId: 0, payload: encodePayload(row, fields) });
    }
  }

  #message(message: RecordedMessage): void {
    const { count } = this;
    count.readMessages++;
    const { type, contextId, position } = message;
    let { payload }: { payload: Uint8Array | undefined } = message;
    if (!isWanted(this.#options.users, type, contextId)) payload = undefined;
    else payload = passPayload(this.#options.pass ?? 'all', this.#from, type, payload);
    if (payload && this.#to !== this.#from) {
      try {
        payload = upgradePayload(type, payload);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.#countAndReport({
          kind: 'problem',
          severity: 'error',
          ...this.#place(position),
          message: error.message,
        });
        return;
      }
      if (!payload) {
        this.#countAndReport({
          kind: 'problem',
          severity: 'warning',
          ...this.#place(position),
          message: `${messageTables[this.#from].row(type)?.name ?? `type ${type}`} is left out: 2.3 has no such message`,
        });
      }
    }
    const isFiltered = payload !== undefined && this.#access?.allows(type, contextId, payload) === false;
    if (payload && isFiltered && this.#to === '4.21') {
      count.filteredMessages++;
      count.writtenMessages++;
      const marked = Buffer.concat([Buffer.from([type]), payload]).subarray(0, maxPayloadBytes);
      this.#writer?.write({ type: filtered, contextId, payload: marked, position });
    } else if (isFiltered) {
      count.filteredMessages++;
    } else if (payload) {
      count.writtenMessages++;
      this.#writer?.write({ type, contextId, payload, position });
    } else {
      count.droppedMessages++;
    }
  }

  #place(position: number): { offset: number } | { line: number } {
    return this.#reader.format === 'binary' ? { offset: position } : { line: position };
  }
}

/** Wraps a message that was filtered out: its type, then its payload (formats.md §2.2). */
const filtered = 72;
