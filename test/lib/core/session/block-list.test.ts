// Blocks of messages: how runs are cut into them, how they are found, cut and joined, and what stays in memory.
import test from 'ava';
import { type Block, BlockList, blockBytes } from '../../../../src/lib/core/session/block-list.js';
import { frame } from '../../../helpers/wire.js';

/** A frame of so many bytes in all. */
const ofBytes = (bytes: number, mark = 0) => frame(150, 1, Buffer.alloc(bytes - 4, mark));

/** A list with a block for each of these messages. */
function listOf(messages: readonly Buffer[], { tick = 0 } = {}): BlockList {
  const list = new BlockList(10, 1000, 64);
  for (const bytes of messages) {
    list.endTail();
    list.append(bytes, 0, bytes.length, 1, tick);
  }
  return list;
}

const shapeOf = (list: BlockList) =>
  list.blocks.map(({ firstIndex, count, start, sizeBytes }) => ({ firstIndex, count, start, sizeBytes }));
const lengthsOf = (list: BlockList) => list.blocks.map(({ bytes }) => bytes?.length);
const textOf = (list: BlockList, from: number, to: number) =>
  Buffer.concat(list.pieces(from, to)).toString('hex');

test('messages fill a block, and the blocks of a busy time grow up to the longest one', (t) => {
  const list = new BlockList(0, 0, 64);
  const message = ofBytes(32);
  while (list.sizeBytes < 2 * blockBytes) list.append(message, 0, message.length, 1);
  const sizes = lengthsOf(list);
  t.deepEqual(sizes.slice(0, 4), [64, 256, 1024, 4096]);
  t.is(Math.max(...sizes.map(Number)), blockBytes);
  t.deepEqual(shapeOf(list).slice(0, 2), [
    { firstIndex: 0, count: 2, start: 0, sizeBytes: 64 },
    { firstIndex: 2, count: 8, start: 64, sizeBytes: 256 },
  ]);
  list.endTail();
  list.append(message, 0, message.length, 1);
  t.is(lengthsOf(list).at(-1), 64, 'after a rest it begins small');
});

test('a message that is longer than a first block gets the longest one', (t) => {
  const list = new BlockList(0, 0, 64);
  for (const bytes of [ofBytes(65), ofBytes(64)]) list.append(bytes, 0, bytes.length, 1);
  t.deepEqual(lengthsOf(list), [blockBytes]);
  const exact = new BlockList(0, 0, 64);
  exact.append(ofBytes(64), 0, 64, 1);
  t.deepEqual(lengthsOf(exact), [64]);
});

test('a run longer than a block is cut between messages, and none is lost', (t) => {
  const messages = Array.from({ length: 9 }, (_, i) => ofBytes(60_000 - i, i));
  const run = Buffer.concat(messages);
  const list = new BlockList(5, 77, 64);
  list.append(run, 0, run.length, messages.length);
  t.deepEqual(
    list.blocks.map(({ count, firstIndex }) => [firstIndex, count]),
    [
      [5, 4],
      [9, 4],
      [13, 1],
    ],
  );
  t.is(list.lastIndex, 13);
  t.is(list.endOffset, 77 + run.length);
  t.true(list.blocks.every(({ sizeBytes }) => sizeBytes <= blockBytes));
  t.is(textOf(list, 77, list.endOffset), run.toString('hex'));
});

test('only the named part of the bytes is appended', (t) => {
  const [first, wanted, last] = [ofBytes(8, 1), ofBytes(8, 2), ofBytes(8, 3)];
  const list = new BlockList(0, 0, 64);
  const all = Buffer.concat([first, wanted, last]);
  list.append(all, 8, 16, 1);
  list.append(all, 0, 8, 1);
  t.is(textOf(list, 0, list.endOffset), Buffer.concat([wanted, first]).toString('hex'));
});

test('messages and bytes are found at both ends of their blocks', (t) => {
  const list = listOf([ofBytes(8), ofBytes(12), ofBytes(16), ofBytes(20)]);
  t.deepEqual(
    [9, 10, 11, 12, 13, 14].map((index) => list.placeOf(index)),
    [0, 0, 1, 2, 3, 3],
  );
  t.deepEqual(
    [1000, 1007, 1008, 1019, 1020, 1035, 1036, 1056].map((offset) => list.placeOfOffset(offset)),
    [0, 0, 1, 1, 2, 2, 3, 3],
  );
});

test('pieces begin and end where they are asked for, also inside blocks', (t) => {
  const messages = [ofBytes(8, 1), ofBytes(8, 2), ofBytes(8, 3)];
  const all = Buffer.concat(messages);
  const list = listOf(messages);
  for (let from = 0; from <= all.length; from++) {
    for (let to = from; to <= all.length; to++)
      t.is(textOf(list, 1000 + from, 1000 + to), all.subarray(from, to).toString('hex'));
  }
  const lengths = (from: number, to: number) => list.pieces(from, to).map(({ length }) => length);
  t.deepEqual(lengths(1008, 1016), [8], 'no empty piece of those beside it');
  t.deepEqual(lengths(1004, 1020), [4, 8, 4]);
  t.deepEqual(lengths(1008, 1008), []);
});

test('a block is cut before a message: both halves keep their messages, and what goes on goes on in the second', (t) => {
  const messages = [ofBytes(8, 1), ofBytes(12, 2), ofBytes(16, 3)];
  const list = new BlockList(10, 1000, 64);
  for (const bytes of messages) list.append(bytes, 0, bytes.length, 1, 7);
  const before = list.blocks[0] as Block;
  list.split(0, 11);
  t.false(before.isAlive, 'who remembers the block looks again');
  const more = ofBytes(8, 4);
  list.append(more, 0, more.length, 1, 8);
  t.deepEqual(shapeOf(list), [
    { firstIndex: 10, count: 1, start: 1000, sizeBytes: 8 },
    { firstIndex: 11, count: 3, start: 1008, sizeBytes: 36 },
  ]);
  t.deepEqual(
    list.blocks.map(({ usedAt, isAlive }) => [usedAt, isAlive]),
    [
      [7, true],
      [8, true],
    ],
  );
  t.is(textOf(list, 1000, list.endOffset), Buffer.concat([...messages, more]).toString('hex'));
});

test('messages that a block has lost are its last ones, also of its halves', (t) => {
  for (const [missing, index, ofHead, ofRest] of [
    [0, 11, 0, 0],
    [1, 11, 0, 1],
    [2, 11, 0, 2],
    [2, 12, 1, 1],
  ] as const) {
    const list = new BlockList(10, 1000, 64);
    const all = Buffer.concat([ofBytes(8), ofBytes(8), ofBytes(8)]);
    list.append(all, 0, all.length, 3);
    (list.blocks[0] as Block).missing = missing;
    list.split(0, index);
    t.deepEqual(
      list.blocks.map((half) => half.missing),
      [ofHead, ofRest],
    );
  }
});

test('memory is given back of what is stored and was not used lately', (t) => {
  const long = blockBytes - 8;
  const list = new BlockList(0, 0, 64);
  for (const tick of [1, 2, 3, 4]) {
    list.endTail();
    list.append(Buffer.alloc(long), 0, long, 1, tick);
  }
  const inMemory = () => list.blocks.map(({ bytes }) => bytes !== undefined);
  list.release(0, 4 * long, 2);
  t.deepEqual(inMemory(), [false, true, true, true], 'what was used at that tick stays');
  list.release(2 * long, 4 * long, 9);
  t.deepEqual(inMemory(), [false, true, false, false], 'what begins before the stored part stays');
  list.append(ofBytes(8), 0, 8, 1, 5);
  t.is(list.blocks.length, 5, 'the next message does not go to a block that is not in memory');
  list.release(0, 4 * long + 7, 9);
  t.deepEqual(inMemory(), [false, false, false, false, true], 'what ends behind the stored part stays');
  t.true(list.isResident);
  list.release(0, 4 * long + 8, 9);
  t.false(inMemory().includes(true));
  t.false(list.isResident);
});

test('the slices of what left memory are gone as well', (t) => {
  const list = listOf([ofBytes(8)], { tick: 1 });
  const block = list.blocks[0] as Block;
  block.slice = block.bytes?.subarray(0, 4);
  t.is(block.slice?.length, 4);
  list.release(1000, 1008, 2);
  t.is(block.slice, undefined);
});

test('small adjacent blocks that are not in memory become one, which covers all of their messages', (t) => {
  const list = listOf([ofBytes(8), ofBytes(12), ofBytes(16)]);
  const blocks = [...list.blocks];
  list.release(1000, 1036, 1);
  t.deepEqual(shapeOf(list), [{ firstIndex: 10, count: 3, start: 1000, sizeBytes: 36 }]);
  t.deepEqual(
    blocks.map(({ isAlive }) => isAlive),
    [true, false, false],
  );
});

/** Releases all three blocks once without joining any. */
const loseMemory = (list: BlockList) => list.release(1000, 1036, 1, true);

const unjoined: [
  what: string,
  stay: (list: BlockList, blocks: [Block, Block, Block]) => void,
  left: number,
][] = [
  ['somebody knows where blocks begin', (list) => loseMemory(list), 3],
  [
    'the first begins before the stored part',
    (list) => {
      loseMemory(list);
      list.release(1008, 1036, 1);
    },
    2,
  ],
  [
    'the last ends behind the stored part',
    (list) => {
      loseMemory(list);
      list.release(1000, 1035, 1);
    },
    2,
  ],
  ['the first is being loaded', (list, [first]) => releaseWith(list, first, { isLoading: true }), 2],
  [
    'one in the middle is being loaded',
    (list, [, middle]) => releaseWith(list, middle, { isLoading: true }),
    3,
  ],
  ['one has lost messages', (list, [, middle]) => releaseWith(list, middle, { missing: 1 }), 3],
  ['one in the middle is in use', (list, [, middle]) => releaseWith(list, middle, { usedAt: 1 }), 3],
  ['the last is in use', (list, [, , last]) => releaseWith(list, last, { usedAt: 1 }), 2],
];

function releaseWith(list: BlockList, block: Block, state: Partial<Block>): void {
  Object.assign(block, state);
  list.release(1000, 1036, 1);
}

for (const [what, stay, left] of unjoined) {
  test(`blocks are not joined where ${what}`, (t) => {
    const list = listOf([ofBytes(8), ofBytes(12), ofBytes(16)]);
    stay(list, list.blocks as unknown as [Block, Block, Block]);
    t.is(list.blocks.length, left);
    t.is(
      list.blocks.reduce((sum, { count }) => sum + count, 0),
      3,
    );
    t.is(
      list.blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      36,
    );
  });
}

test('blocks are joined as long as the longest block holds them', (t) => {
  for (const [more, left] of [
    [0, 1],
    [1, 2],
  ] as const) {
    const half = blockBytes / 2;
    const list = new BlockList(0, 0, 64);
    list.addStored(3, half);
    list.addStored(4, half + more);
    list.release(0, list.endOffset, 1);
    t.is(list.blocks.length, left);
  }
});

test('a packed list says the same when it is used again', (t) => {
  const list = new BlockList(10, 1000, 64);
  list.addStored(3, blockBytes);
  list.addStored(4, blockBytes - 1);
  const shape = shapeOf(list);
  const remembered = list.blocks[0] as Block;
  list.pack();
  t.false(remembered.isAlive);
  t.false(list.isResident);
  list.release(1000, list.endOffset, 1);
  list.pack();
  t.deepEqual(shapeOf(list), shape);
  t.deepEqual(shapeOf(list), shape, 'once only');
  list.pack();
  const bytes = ofBytes(8);
  list.append(bytes, 0, 8, 1);
  t.deepEqual(shapeOf(list), [
    ...shape,
    { firstIndex: 17, count: 1, start: 1000 + 2 * blockBytes - 1, sizeBytes: 8 },
  ]);
});

test('a list that has lost messages is not packed: which ones would be forgotten', (t) => {
  const list = new BlockList(0, 0, 64);
  list.addStored(3, blockBytes);
  (list.blocks[0] as Block).missing = 1;
  list.pack();
  t.is(list.blocks[0]?.missing, 1);
});

test('the blocks of another list get the numbers of this one', (t) => {
  const list = listOf([ofBytes(8)]);
  const other = new BlockList(500, 9, 64);
  other.addStored(3, 40);
  other.addStored(2, 30);
  list.adopt(other.blocks);
  const bytes = ofBytes(8);
  list.append(bytes, 0, 8, 1);
  t.deepEqual(shapeOf(list), [
    { firstIndex: 10, count: 1, start: 1000, sizeBytes: 8 },
    { firstIndex: 11, count: 3, start: 1008, sizeBytes: 40 },
    { firstIndex: 14, count: 2, start: 1048, sizeBytes: 30 },
    { firstIndex: 16, count: 1, start: 1078, sizeBytes: 8 },
  ]);
});

test('what was lost of blocks shortens the list, and every message keeps its number', (t) => {
  const list = new BlockList(10, 1000, 64);
  for (const [count, size] of [
    [2, 20],
    [3, 30],
    [4, 40],
    [5, 50],
  ] as const)
    list.addStored(count, size);
  const [first, second, third, last] = [...list.blocks] as [Block, Block, Block, Block];
  list.shrink(
    new Map([
      [first, { count: 0, sizeBytes: 0 }],
      [second, { count: 1, sizeBytes: 10 }],
      [third, { count: 0, sizeBytes: 0 }],
    ]),
  );
  t.deepEqual(
    list.blocks.map(({ firstIndex, count, missing, start, sizeBytes }) => [
      firstIndex,
      count,
      missing,
      start,
      sizeBytes,
    ]),
    [
      // the third has nothing left: its messages are the last that the second misses
      [12, 7, 6, 1000, 10],
      [19, 5, 0, 1010, 50],
    ],
  );
  t.is(list.firstIndex, 12);
  t.is(list.endOffset, 1060);
  t.is(list.lastIndex, 23);
  t.true(list.hasLost);
  t.deepEqual(
    [first, second, third, last].map(({ isAlive }) => isAlive),
    [false, false, false, false],
  );
});

test('the end of a list that was shortened is written on in the same block', (t) => {
  const list = listOf([ofBytes(8, 1), ofBytes(8, 2)]);
  list.shrink(new Map([[list.blocks[0] as Block, { count: 0, sizeBytes: 0 }]]));
  const bytes = ofBytes(8, 3);
  list.append(bytes, 0, 8, 1);
  t.deepEqual(shapeOf(list), [{ firstIndex: 11, count: 2, start: 1000, sizeBytes: 16 }]);
  t.is(textOf(list, 1000, 1016), Buffer.concat([ofBytes(8, 2), bytes]).toString('hex'));
});
