// The zlib stream of a streamed reset: in pieces, cut off, too large, damaged (sessions.md §14.5).
import { Buffer } from 'node:buffer';
import { deflateSync } from 'node:zlib';
import test from 'ava';
import type { Inflated } from '../../../../src/lib/core/session/needs.js';
import { makeInflater } from '../../../../src/lib/io/system/inflater.js';

const plain = Buffer.alloc(200_000, 'drawing ');
const packed = deflateSync(plain);

async function inflate(
  pieces: readonly Uint8Array[],
  limit = Number.POSITIVE_INFINITY,
): Promise<Buffer | string> {
  const inflater = makeInflater();
  const output: Uint8Array[] = [];
  for (const piece of [...pieces, undefined]) {
    const result = await new Promise<Inflated>((resolve) =>
      piece ? inflater.write(piece, limit, resolve) : inflater.finish(resolve),
    );
    if ('error' in result) return result.error;
    output.push(...result.output);
  }
  inflater.close();
  return Buffer.concat(output);
}

test('a stream in pieces inflates to the whole', async (t) => {
  const pieces = [packed.subarray(0, 1), packed.subarray(1, 100), packed.subarray(100)];
  t.deepEqual(await inflate(pieces), plain);
});

test('a stream that ends too early is an error', async (t) => {
  t.is(typeof (await inflate([packed.subarray(0, packed.length - 3)])), 'string');
});

test('a stream that is none is an error', async (t) => {
  t.is(typeof (await inflate([Buffer.from('hello world')])), 'string');
});

test('more output than allowed is an error before it is kept', async (t) => {
  t.is(typeof (await inflate([packed], 100_000)), 'string');
});

test('bytes behind the end of the stream are an error', async (t) => {
  t.is(typeof (await inflate([packed, Buffer.from('more')])), 'string');
});
