// The addresses of a host name, as this machine finds them.

import { lookup } from 'node:dns/promises';

const waitMs = 5000;

/** Rejects when there are none, or when no answer comes within a few seconds. */
export async function addressesOf(name: string): Promise<string[]> {
  const found = await withLimit(lookup(name, { all: true }), waitMs);
  return found.map(({ address }) => address);
}

function withLimit<T>(work: Promise<T>, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} seconds`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
