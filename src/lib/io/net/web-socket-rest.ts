// What a receiver of the package `ws` has read and not yet made a message of, as the bytes that came (RFC 6455 §5.2): a
// successor of this process reads them again. The fields are the package's own; where they are not as expected, the
// connection cannot be handed over.
import { Buffer } from 'node:buffer';

/** States of `ws/lib/receiver.js`. */
const receiverStates = { info: 0, length16: 1, length64: 2, mask: 3, data: 4 } as const;

interface Receiver {
  readonly _state: number;
  readonly _buffers: readonly Buffer[];
  readonly _fragments: readonly Buffer[];
  /** Opcode of the fragments before; 0: none. */
  readonly _fragmented: number;
  readonly _fin: boolean;
  readonly _opcode: number;
  readonly _masked: boolean;
  readonly _mask: Buffer | undefined;
  readonly _payloadLength: number;
  readonly _errored: boolean;
  readonly _loop: boolean;
  readonly writableLength: number;
}

const finalBit = 0x80;
const maskBit = 0x80;
const length16 = 126;
const length64 = 127;

function isReceiver(value: unknown): value is Receiver {
  const receiver = value as Partial<Receiver> | undefined;
  return (
    typeof receiver?._state === 'number' &&
    Array.isArray(receiver._buffers) &&
    Array.isArray(receiver._fragments) &&
    typeof receiver._fragmented === 'number' &&
    typeof receiver._fin === 'boolean' &&
    typeof receiver._opcode === 'number' &&
    typeof receiver._masked === 'boolean' &&
    typeof receiver._payloadLength === 'number'
  );
}

/** Undefined: it is not known. */
export function unreadIn(webSocket: object): Buffer | undefined {
  const { _receiver: receiver } = webSocket as { _receiver?: unknown };
  if (!isReceiver(receiver) || receiver._errored || receiver._loop || receiver.writableLength > 0)
    return undefined;
  const isBeginKnown =
    receiver._fragmented === 0 || receiver._fragments.length > 0 || receiver._state !== receiverStates.info;
  const head = headOf(receiver);
  if (!head || !isBeginKnown) return undefined;
  return Buffer.concat([...fragmentsOf(receiver), head, ...receiver._buffers]);
}

/** The messages before the last fragment, as frames with an empty mask. */
function fragmentsOf({ _fragments: fragments, _fragmented: opcode }: Receiver): Buffer[] {
  const noMask = Buffer.alloc(4);
  return fragments.flatMap((fragment, i) => [
    // The first one has the opcode, those behind it are continuations.
    Buffer.concat([lengthOf(i === 0 ? opcode : 0, fragment.length), noMask]),
    fragment,
  ]);
}

/** What was used up of the frame that is being read. */
function headOf(receiver: Receiver): Buffer | undefined {
  const { _state: state, _fin: isFinal, _masked: isMasked, _mask: mask, _payloadLength: length } = receiver;
  // After a fragment the receiver remembers its opcode for the next one.
  const isContinuation = receiver._fragmented > 0 && receiver._opcode === receiver._fragmented;
  const opcode = isContinuation && receiver._fragments.length > 0 ? 0 : receiver._opcode;
  const first = opcode | (isFinal ? finalBit : 0);
  switch (state) {
    case receiverStates.info:
      return Buffer.alloc(0);
    case receiverStates.length16:
      return Buffer.of(first, length16 | (isMasked ? maskBit : 0));
    case receiverStates.length64:
      return Buffer.of(first, length64 | (isMasked ? maskBit : 0));
    case receiverStates.mask:
      return lengthOf(first, length);
    case receiverStates.data:
      return isMasked && mask ? Buffer.concat([lengthOf(first, length), mask]) : undefined;
    default:
      return undefined;
  }
}

/** The first bytes of a masked frame, up to the mask. */
function lengthOf(first: number, length: number): Buffer {
  if (length < length16) return Buffer.of(first, length | maskBit);
  const long = length > 0xffff;
  const head = Buffer.alloc(long ? 10 : 4);
  head[0] = first;
  head[1] = (long ? length64 : length16) | maskBit;
  if (long) head.writeUIntBE(length, 4, 6);
  else head.writeUInt16BE(length, 2);
  return head;
}
