// The first message of a TLS client (RFC 8446 §4.1.2), as far as it must be known before a certificate is chosen: the name
// that it asks for and the protocols that it offers. Node reports the one before the other is known.
import { Buffer } from 'node:buffer';

export interface ClientHello {
  /** In lower case. Undefined: it asks for no name. */
  name: string | undefined;
  /** Application protocols, the preferred one first. */
  protocols: readonly string[];
}

export const tlsHandshakeByte = 0x16;
const recordHeadBytes = 5;
const messageHeadBytes = 4;
const clientHelloType = 1;
/** Far beyond what clients send. */
const helloBytesAtMost = 16 * 1024;
const serverNameExtension = 0;
const protocolsExtension = 16;

/** `more`: it is not complete yet. Undefined: it is none, which the next reader of these bytes will see as well. */
export function readClientHello(bytes: Buffer): ClientHello | 'more' | undefined {
  const { message, isCut } = joinRecords(bytes);
  if (message.length >= messageHeadBytes) {
    const end = messageHeadBytes + message.readUIntBE(1, 3);
    if (message[0] !== clientHelloType || end > helloBytesAtMost) return undefined;
    if (message.length >= end) return readMessage(message.subarray(messageHeadBytes, end));
  }
  return isCut && bytes.length <= 2 * helloBytesAtMost ? 'more' : undefined;
}

/** What the records carry; `isCut`: nothing speaks against more of them. */
function joinRecords(bytes: Buffer): { message: Buffer; isCut: boolean } {
  const pieces: Buffer[] = [];
  let at = 0;
  while (at + recordHeadBytes <= bytes.length) {
    const length = bytes.readUInt16BE(at + 3);
    if (bytes[at] !== tlsHandshakeByte || length === 0)
      return { message: Buffer.concat(pieces), isCut: false };
    pieces.push(bytes.subarray(at + recordHeadBytes, at + recordHeadBytes + length));
    at += recordHeadBytes + length;
  }
  return { message: Buffer.concat(pieces), isCut: true };
}

function readMessage(message: Buffer): ClientHello | undefined {
  const hello: { name: string | undefined; protocols: readonly string[] } = {
    name: undefined,
    protocols: [],
  };
  try {
    const reader = new Reader(message);
    // version and random
    reader.skip(2 + 32);
    reader.block(1);
    reader.block(2);
    reader.block(1);
    if (reader.isAtEnd) return hello;
    const extensions = reader.block(2);
    while (!extensions.isAtEnd) {
      const type = extensions.number(2);
      const body = extensions.block(2);
      if (type === serverNameExtension) hello.name = readName(body.block(2));
      if (type === protocolsExtension) hello.protocols = readProtocols(body.block(2));
    }
    return hello;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The first host name (RFC 6066 §3). */
function readName(list: Reader): string | undefined {
  while (!list.isAtEnd) {
    const type = list.number(1);
    const name = list.block(2).text();
    if (type === 0) return name.toLowerCase();
  }
  return undefined;
}

function readProtocols(list: Reader): string[] {
  const protocols: string[] = [];
  while (!list.isAtEnd) protocols.push(list.block(1).text());
  return protocols;
}

/** Numbers and blocks with their length before them; a RangeError where the bytes end too early. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  number(size: 1 | 2): number {
    const value = this.#bytes.readUIntBE(this.#at, size);
    this.#at += size;
    return value;
  }

  skip(size: number): void {
    if (this.#at + size > this.#bytes.length) throw new RangeError('too short');
    this.#at += size;
  }

  block(lengthSize: 1 | 2): Reader {
    const length = this.number(lengthSize);
    const from = this.#at;
    this.skip(length);
    return new Reader(this.#bytes.subarray(from, from + length));
  }

  text(): string {
    return this.#bytes.toString('latin1');
  }
}
