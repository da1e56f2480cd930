// The wire as the tests see it: frames cut, built and shown independently of the code under test.

export interface Frame {
  readonly type: number;
  /** Context id: the user's id, 0 for the server. */
  readonly context: number;
  readonly payload: Buffer;
  /** The whole frame with its header, as on TCP. */
  readonly bytes: Buffer;
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** Names for the message types that the tests speak of (protocol.md §4, §7). */
export const messageType = {
  command: 0,
  disconnect: 1,
  ping: 2,
  keepAlive: 3,
  thumbnail: 4,
  join: 32,
  leave: 33,
  owners: 34,
  chat: 35,
  trusted: 36,
  softReset: 37,
  privateChat: 38,
  resetStream: 39,
  resize: 129,
  penUp: 140,
} as const;

/** Views a whole frame; the bytes are not copied. */
export function viewFrame(bytes: Buffer): Frame {
  return { type: bytes[2]!, context: bytes[3]!, payload: bytes.subarray(4), bytes };
}

/** Builds a frame: u16 payload length, type, context id, payload (protocol.md §2.1). */
export function frame(type: number, context: number, payload: Uint8Array | string = ''): Buffer {
  const content = typeof payload === 'string' ? Buffer.from(payload) : payload;
  if (content.length > 0xffff) {
    throw new RangeError(`a payload of ${content.length} bytes does not fit into a frame`);
  }
  const bytes = Buffer.alloc(4 + content.length);
  bytes.writeUInt16BE(content.length, 0);
  bytes[2] = type;
  bytes[3] = context;
  bytes.set(content, 4);
  return bytes;
}

/** A ServerCommand of a client. Empty `args` and `kwargs` are left out, as clients do. */
export function command(
  cmd: string,
  args: readonly Json[] = [],
  kwargs: JsonObject = {},
  context = 0,
): Buffer {
  const json: JsonObject = { cmd };
  if (args.length > 0) {
    json.args = [...args];
  }
  if (Object.keys(kwargs).length > 0) {
    json.kwargs = kwargs;
  }
  return frame(messageType.command, context, JSON.stringify(json));
}

export function chat(
  text: string,
  options: { context?: number; bypass?: boolean; flags?: number } = {},
): Buffer {
  const head = Buffer.from([options.bypass ? 1 : 0, options.flags ?? 0]);
  return frame(messageType.chat, options.context ?? 0, Buffer.concat([head, Buffer.from(text)]));
}

export function privateChat(target: number, text: string, context = 0): Buffer {
  return frame(
    messageType.privateChat,
    context,
    Buffer.concat([Buffer.from([target, 0]), Buffer.from(text)]),
  );
}

export const ping = frame(messageType.ping, 0, Buffer.from([0]));
export const pong = frame(messageType.ping, 0, Buffer.from([1]));

/** What real clients send before they close: they leave on purpose. */
export const goodbye = frame(messageType.disconnect, 0, Buffer.from([2]));

/** The JSON object of a ServerCommand; undefined for anything else. */
export function jsonOf(message: Frame): JsonObject | undefined {
  if (message.type !== messageType.command) {
    return undefined;
  }
  try {
    const value = JSON.parse(message.payload.toString()) as Json;
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Cuts a byte stream into frames. Each frame is a copy, so it may be kept. */
export class FrameCutter {
  #rest: Buffer = Buffer.alloc(0);

  /** Frames that are complete with this chunk. */
  push(chunk: Buffer): Frame[] {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const frames: Frame[] = [];
    let at = 0;
    while (data.length - at >= 4) {
      const end = at + 4 + data.readUInt16BE(at);
      if (end > data.length) {
        break;
      }
      frames.push(viewFrame(Buffer.from(data.subarray(at, end))));
      at = end;
    }
    this.#rest = Buffer.from(data.subarray(at));
    return frames;
  }

  /** Bytes of a frame that is not complete. */
  get pendingBytes(): number {
    return this.#rest.length;
  }
}

/** One line that says what a frame is, for messages of failing tests. */
export function describe(message: Frame): string {
  const { type, context, payload } = message;
  if (type === messageType.command) {
    return `0/${context} ${payload.toString().slice(0, 300)}`;
  }
  if (type === messageType.disconnect) {
    return `1/${context} Disconnect(${payload[0]}, ${JSON.stringify(payload.subarray(1).toString())})`;
  }
  return `${type}/${context} [${payload.length}] ${payload.subarray(0, 24).toString('hex')}`;
}
