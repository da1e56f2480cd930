// Values in DER (X.690), as certificates are written: only what dp's certificates, requests for one and their numbers need.

/** Tag numbers; those of a context begin at `context`. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  nothing: 0x05,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

/** A value in its envelope: tag, length, content. */
export function envelope(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(content);
  return Buffer.concat([Buffer.of(tag), lengthOf(bytes.length), bytes]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.of(length);
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
  return Buffer.of(0x80 | bytes.length, ...bytes);
}

export const sequence = (...content: readonly Uint8Array[]) => envelope(tags.sequence, ...content);

/** Number of a context: `[number]`, which holds other values or, primitive, bytes. */
export const inContext = (number: number, ...content: readonly Uint8Array[]) =>
  envelope(0xa0 | number, ...content);
export const bytesInContext = (number: number, content: Uint8Array) => envelope(0x80 | number, content);

/** A name in dots: `2.5.4.3`. */
export function objectId(name: string): Buffer {
  const [first = 0, second = 0, ...rest] = name.split('.').map(Number);
  return envelope(tags.objectId, ...[first * 40 + second, ...rest].map(base128));
}

/** Seven bits a byte, the highest bit of all but the last one set. */
function base128(value: number): Buffer {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f));
  return Buffer.from(bytes);
}

/** A positive integer from its bytes, the highest first. */
export function positive(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const rest = bytes.subarray(start);
  // the highest bit is the sign
  return envelope(tags.integer, ...((rest[0] ?? 0) >= 0x80 ? [Buffer.of(0)] : []), rest);
}

/** `unused`: how many of the last bits do not count. */
export const bitString = (bytes: Uint8Array, unused = 0) =>
  envelope(tags.bitString, Buffer.of(unused), bytes);
export const octetString = (...content: readonly Uint8Array[]) => envelope(tags.octetString, ...content);
export const utf8 = (text: string) => envelope(tags.utf8, Buffer.from(text, 'utf8'));

/** A moment (milliseconds since 1970) in whole seconds, in the form that RFC 5280 §4.1.2.5 asks for. */
export function time(ms: number): Buffer {
  const text = `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  return text < '2050' && text >= '1950'
    ? envelope(tags.utcTime, Buffer.from(text.slice(2)))
    : envelope(tags.generalizedTime, Buffer.from(text));
}

/** A value as it is read: its tag, and where its content and itself end. */
export interface Element {
  tag: number;
  content: Buffer;
  /** Place of the next one. */
  end: number;
}

/** Undefined: there is no complete value at that place. */
export function readElement(bytes: Buffer, at = 0): Element | undefined {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) return undefined;
  const count = first < 0x80 ? 0 : first & 0x7f;
  if (count > 4 || at + 2 + count > bytes.length) return undefined;
  const length = count === 0 ? first : bytes.readUIntBE(at + 2, count);
  const start = at + 2 + count;
  if (start + length > bytes.length) return undefined;
  return { tag, content: bytes.subarray(start, start + length), end: start + length };
}

/** The values in a row, as far as they are complete. */
export function elementsOf(bytes: Buffer): Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length; ) {
    const element = readElement(bytes, at);
    if (element === undefined) break;
    found.push(element);
    at = element.end;
  }
  return found;
}
