// Just enough of the wire format to put load on a server: frames, JSON commands and marks.
// On a TCP stream a message is u16 payload length | u8 type | u8 user id | payload, big endian.

export const headerBytes = 4;

export const messageTypes = {
  command: 0,
  disconnect: 1,
  ping: 2,
  /** From here on: session messages. Below: control, private to one connection. */
  join: 32,
  movePointer: 66,
  undoPoint: 128,
  penUp: 140,
  dabs: 148,
} as const;

/** The type byte says that the message belongs to the session and not to one connection. */
export const isSessionMessage = (type: number): boolean => type >= messageTypes.join;

/** Bytes of the whole message whose header begins at `at`. */
export function frameLength(bytes: Buffer, at: number): number {
  return headerBytes + ((bytes[at]! << 8) | bytes[at + 1]!);
}

export function frame(type: number, userId: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes + payload.length);
  bytes.writeUInt16BE(payload.length, 0);
  bytes[2] = type;
  bytes[3] = userId;
  payload.copy(bytes, headerBytes);
  return bytes;
}

export function command(cmd: string, args: readonly unknown[] = [], kwargs: object = {}): Buffer {
  return frame(messageTypes.command, 0, Buffer.from(JSON.stringify({ cmd, args, kwargs })));
}

// A mark is a pointer position that no user can have; its number is in place of y.
const markX = 0x7fffffff;

export function markFrame(userId: number, mark: number): Buffer {
  const payload = Buffer.allocUnsafe(8);
  payload.writeInt32BE(markX, 0);
  payload.writeInt32BE(mark, 4);
  return frame(messageTypes.movePointer, userId, payload);
}

/** The number of the mark at `at`, or -1 when the message there is no mark. */
export function markAt(bytes: Buffer, at: number): number {
  const isMark = bytes[at + 2] === messageTypes.movePointer && bytes.readInt32BE(at + headerBytes) === markX;
  return isMark ? bytes.readInt32BE(at + headerBytes + 4) : -1;
}

const epoch = process.hrtime.bigint();

/** Microseconds since this process began, as u32: fits the stamp of a message. */
export const microseconds = (): number => Number((process.hrtime.bigint() - epoch) / 1000n) >>> 0;
