// Every message of every generation with extreme values survives binary -> text -> binary, and the reverse.

import test from 'ava';
import type { Generation } from '../../../../src/lib/core/protocol/messages.js';
import { messageTables } from '../../../../src/lib/core/protocol/messages.js';
import type {
  RecordedMessage,
  RecordingFormat,
  RecordingItem,
} from '../../../../src/lib/core/recording/items.js';
import { RecordingReader } from '../../../../src/lib/core/recording/reader.js';
import { RecordingWriter } from '../../../../src/lib/core/recording/writer.js';
import { everyMessage, seededRandom, type TestMessage } from '../../../helpers/generated-recording.js';

function write(generation: Generation, format: RecordingFormat, messages: Iterable<TestMessage>): Buffer {
  const header = new Map([['version', messageTables[generation].protocol]]);
  const writer = new RecordingWriter({ format, generation, header, isOriginal: false });
  for (const message of messages) writer.write(message);
  return writer.take();
}

function readAll(bytes: Buffer, chunk: () => number): RecordingItem[] {
  const reader = new RecordingReader();
  const items: RecordingItem[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = chunk();
    for (const item of reader.read(bytes.subarray(at, at + size))) {
      items.push(item.kind === 'message' ? { ...item, payload: Buffer.from(item.payload) } : item);
    }
    at += size;
  }
  items.push(...reader.end());
  return items;
}

const messagesOf = (items: readonly RecordingItem[]): RecordedMessage[] =>
  items.filter((item) => item.kind === 'message');

for (const generation of Object.keys(messageTables) as Generation[]) {
  test(`${generation}: binary, text, binary`, (t) => {
    const messages = everyMessage(generation);
    const types = new Set(messages.map(({ type }) => type));
    t.is(types.size, messageTables[generation].rows.filter((row) => !row.isReserved).length);

    const binary = write(generation, 'binary', messages);
    const random = seededRandom(7);
    const fromBinary = messagesOf(readAll(binary, () => 1 + Math.floor(random() * 70_000)));
    t.is(fromBinary.length, messages.length);

    const text = write(generation, 'text', fromBinary);
    const items = readAll(text, () => 1 + Math.floor(random() * 70_000));
    t.deepEqual(
      items.filter((item) => item.kind === 'problem' && item.severity === 'error'),
      [],
    );
    const back = messagesOf(items);
    t.is(back.length, messages.length);
    for (const [index, message] of back.entries()) {
      const wanted = messages[index] as TestMessage;
      const same =
        message.type === wanted.type &&
        message.contextId === wanted.contextId &&
        Buffer.from(message.payload).equals(wanted.payload);
      if (!same) {
        t.fail(
          `message ${index}, type ${wanted.type}: ${Buffer.from(wanted.payload).toString('hex').slice(0, 200)} came back as ${Buffer.from(message.payload).toString('hex').slice(0, 200)}`,
        );
        return;
      }
    }
    t.true(write(generation, 'binary', back).equals(binary));
  });

  test(`${generation}: types that nobody knows and payloads of the wrong length are kept`, (t) => {
    const odd: TestMessage[] = [
      { type: 200, contextId: 3, payload: Buffer.from('anything') },
      { type: 31, contextId: 0, payload: Buffer.alloc(0) },
      { type: 129, contextId: 1, payload: Buffer.from([1, 2, 3]) },
      { type: 148, contextId: 1, payload: Buffer.alloc(26, 1) },
      { type: 32, contextId: 1, payload: Buffer.from([0, 9, 65]) },
      { type: 130, contextId: 1, payload: Buffer.alloc(65535, 0xff) },
    ];
    const text = write(generation, 'text', odd);
    const back = messagesOf(readAll(text, () => 1000));
    t.true(write(generation, 'binary', back).equals(write(generation, 'binary', odd)));
  });
}
