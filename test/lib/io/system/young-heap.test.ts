import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';

// As in young-heap.ts: a newer V8 is left alone.
const testWhereKnown = Number.parseInt(process.versions.v8, 10) <= 12 ? test : test.skip;

// In a process of its own: one that has run for a while has grown already.
const script = `
  import { getHeapSpaceStatistics } from 'node:v8';
  import { settleYoungHeap } from '${import.meta.resolve('../../../../src/lib/io/system/young-heap.js')}';
  const bytes = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size;
  if (process.env.SETTLES) settleYoungHeap();
  const settled = bytes();
  const survivors = [];
  let largest = 0;
  for (let i = 0; i < 1_000_000; i++) {
    survivors.push({ i });
    if (i % 1000 === 0) largest = Math.max(largest, bytes());
  }
  console.log(JSON.stringify({ settled, largest, survivors: survivors.length }));
`;

async function grow(environment: Record<string, string>): Promise<{ settled: number; largest: number }> {
  const env = { ...process.env, NODE_OPTIONS: '', ...environment };
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { env });
  return JSON.parse((await run).stdout);
}

testWhereKnown(
  'the young generation of a server grows at its start and no more, however much survives',
  async (t) => {
    const { settled, largest } = await grow({ SETTLES: '1' });
    t.is(largest, settled);
    const alone = await grow({});
    t.true(alone.settled < settled && alone.largest > largest, JSON.stringify({ settled, alone }));
  },
);
