// What a kind of message field provides: reading and writing it in payloads and in the text form.
import type { ByteReader, ByteWriter } from '../bytes.js';

export type FieldValue = number | boolean | string | Uint8Array | readonly number[];

/** The values of one message by field name. */
export type Fields = Readonly<Record<string, FieldValue>>;

/** Called for a text value that could not be used as it is; reading continues with the kind's default. */
export type Warn = (key: string, message: string) => void;

/** Where a field puts its key=value pairs. A key that is added twice becomes one comma list. */
export interface KeyValueOut {
  /** All values of the message. */
  readonly fields: Fields;
  /** Write just what the original programs write, even where that loses something. */
  readonly isOriginal: boolean;
  add(key: string, value: string): void;
}

/** Where a field finds its key=value pairs. Lines of a repeated key are joined with a newline. */
export interface KeyValueIn {
  get(key: string): string | undefined;
  readonly warn: Warn;
}

/** How many bytes a field takes. */
export interface Lengths {
  readonly min: number;
  /** Infinity: up to the end of the payload. */
  readonly max: number;
  /** Complete items of so many bytes only. */
  readonly each?: number;
}

export const exactly = (bytes: number): Lengths => ({ min: bytes, max: bytes });

export interface Kind<T extends FieldValue = FieldValue> {
  /** What the tables and messages to people call it. */
  readonly title: string;
  readonly lengths: Lengths;
  /** The value of a field that is not given. */
  readonly none: T;
  /** Whether its text form can lose something that its binary form can hold. */
  readonly isLossy: boolean;
  /** Throws a ProtocolError when there are too few bytes. */
  read(from: ByteReader): T;
  write(to: ByteWriter, value: T): void;
  showKeyValue(value: T, key: string, out: KeyValueOut): void;
  parseKeyValue(key: string, from: KeyValueIn): T;
  /** Every key that `showKeyValue` may use. */
  keys(key: string): readonly string[];
  /** JSON text, undefined: the key is left out. */
  showJson(value: T): string | undefined;
  parseJson(value: unknown, key: string, warn: Warn): T;
}

export const noText = { showKeyValue: () => {}, keys: () => [] };

export function brief(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
