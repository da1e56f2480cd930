// Which frames below type 64 are well-formed (sessions.md §6.2).
import { Buffer } from 'node:buffer';
import test from 'ava';
import { makeFrame } from '../../../../src/lib/core/protocol/frame.js';
import { messageTables } from '../../../../src/lib/core/protocol/messages.js';
import { frameProblem } from '../../../../src/lib/core/protocol/validity.js';

const isValid = (type: number, payload: number[]) => {
  const bytes = makeFrame(type, 0, Buffer.from(payload));
  return frameProblem(type, bytes, 0, bytes.length) === undefined;
};

const rows: [type: number, payload: number[], isValid: boolean][] = [
  [0, [], true],
  [1, [], false],
  [1, [0], true],
  [2, [], false],
  [2, [0], true],
  [2, [0, 0], false],
  [3, [1, 2], true],
  [4, [], true],
  [5, [], false],
  [31, [], false],
  [32, [0], false],
  [32, [0, 0], true],
  [32, [0, 2, 65], false],
  [32, [0, 2, 65, 66, 67], true],
  [33, [], true],
  [33, [1], false],
  [34, Array(255).fill(1), true],
  [34, Array(256).fill(1), false],
  [35, [0], false],
  [35, [0, 0], true],
  [36, [], true],
  [37, [], true],
  [37, [0], false],
  [38, [1, 0], true],
  [38, [1], false],
  [39, [], true],
  [40, [], false],
  [63, [1], false],
  [64, [], true],
  [255, [1, 2, 3], true],
];
for (const [type, payload, wanted] of rows) {
  test(`type ${type} with ${payload.length} bytes (${payload.slice(0, 4)}) is ${wanted ? 'valid' : 'a breach'}`, (t) =>
    t.is(isValid(type, payload), wanted));
}

test('the lengths are those of the message tables, of every generation that has the message', (t) => {
  for (const { generation, rows: table } of Object.values(messageTables)) {
    for (const { id, name, min, max, isReserved } of table.filter((row) => row.id < 64)) {
      const what = `${generation} ${name}`;
      // Texts inside have lengths of their own: zeros are the shortest ones.
      const zeros = (length: number): boolean => isValid(id, Array<number>(length).fill(0));
      t.is(zeros(min), !isReserved, what);
      t.is(zeros(max), !isReserved, what);
      if (name === 'keepalive') t.true(zeros(max + 1), what);
      else if (max < 65_535) t.false(zeros(max + 1), what);
      // 2.1 wants a byte more of some; what the server takes is what 2.3 takes.
      if (generation === '4.25' && min > 0) t.false(zeros(min - 1), what);
    }
  }
});
