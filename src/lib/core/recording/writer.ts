// Writes recordings, binary or in the text dialect of their generation. Collects bytes; the code that writes them to a
// file takes them when there are enough.

import { Buffer } from 'node:buffer';
import { type Generation, messageTables } from '../protocol/messages.js';
import { binaryHeader, metadataLine, type RecordingHeader, textHeader, withMagic } from './header.js';
import type { RecordedMessage, RecordingFormat } from './items.js';
import { showJsonLine } from './json-lines.js';
import { showKeyValue } from './key-value.js';
import type { TextStyle } from './message-text.js';

export interface WriterOptions extends TextStyle {
  format: RecordingFormat;
  /** The layout of the messages that will be written. */
  generation: Generation;
  header: RecordingHeader;
  /** Metadata of a binary recording to be kept to the byte; it must be that of `header`. */
  metadata?: Buffer | undefined;
}

type WrittenMessage = Pick<RecordedMessage, 'type' | 'contextId' | 'payload'> &
  Partial<Pick<RecordedMessage, 'position'>>;

export class RecordingWriter {
  readonly #options: WriterOptions;
  #text = '';
  #pieces: Uint8Array[] = [];
  #waiting = 0;

  /** The header is the first thing to be taken. */
  constructor(options: WriterOptions) {
    this.#options = options;
    const { format, header, generation, metadata } = options;
    if (format === 'binary') this.#add(metadata ? withMagic(metadata) : binaryHeader(header, generation));
    else this.#text = (metadata ? metadataLine(metadata, generation) : '') + textHeader(header, generation);
  }

  /** About how many bytes there are to take. */
  get waitingBytes(): number {
    return this.#waiting + this.#text.length;
  }

  /** A message in the writer's generation; its payload is copied. */
  write(message: WrittenMessage): void {
    const { format, generation } = this.#options;
    if (format === 'text') {
      const table = messageTables[generation];
      this.#text +=
        generation === '4.25'
          ? showJsonLine(table, message, this.#options)
          : showKeyValue(table, { ...message, position: message.position ?? 0 }, this.#options);
      return;
    }
    const { payload, type, contextId } = message;
    const frame = Buffer.allocUnsafe(payload.length + 4);
    frame.writeUInt16BE(payload.length);
    frame[2] = type;
    frame[3] = contextId;
    frame.set(payload, 4);
    this.#add(frame);
  }

  /** Everything since the last time. */
  take(): Buffer {
    const bytes =
      this.#options.format === 'text' ? Buffer.from(this.#text, 'utf8') : Buffer.concat(this.#pieces);
    this.#text = '';
    this.#pieces = [];
    this.#waiting = 0;
    return bytes;
  }

  #add(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#waiting += bytes.length;
  }
}
