import { getHeapSpaceStatistics } from 'node:v8';
import test from 'ava';
import { keepYoungHeapSmall } from '../../../../src/lib/io/system/young-heap.js';

const youngBytes = () =>
  getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')!.space_size;

// Each test file has a process of its own, and this one has no other test.
test('the young generation does not grow when much survives', (t) => {
  keepYoungHeapSmall();
  const before = youngBytes();
  const survivors: object[] = [];
  let largest = 0;
  for (let i = 0; i < 400_000; i++) {
    survivors.push({ i });
    if (i % 1000 === 0) largest = Math.max(largest, youngBytes());
  }
  t.is(survivors.length, 400_000);
  t.true(largest <= before * 2, `${before} bytes before, ${largest} at most`); // two halves while it is cleared
});
