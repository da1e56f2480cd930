import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { callgrindCount, countOf } from './server/instructions.js';

test('perf stat counts where the processor has counters', (t) => {
  t.is(countOf('1234567,,instructions:u,1000000,100.00,,\n'), 1_234_567);
});

test('a machine without counters is not taken for one that executed nothing', (t) => {
  t.is(countOf('<not supported>,,instructions:u,0,100.00,,\n'), undefined);
  t.is(countOf('<not counted>,,instructions:u,0,100.00,,\n'), undefined);
  t.is(countOf(''), undefined);
});

test('the count of callgrind is the sum of its file, and a file without one is an error', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'dp-callgrind-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(path.join(folder, 'callgrind.12'), 'events: Ir\nsummary: 1852108948\n\nfn=(1)\n0 12\n');
  writeFileSync(path.join(folder, 'callgrind.13'), '');
  t.is(callgrindCount(folder, 12), 1_852_108_948);
  t.throws(() => callgrindCount(folder, 13), { message: /no summary for process 13/ });
});
