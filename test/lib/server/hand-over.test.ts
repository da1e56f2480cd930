import test from 'ava';
import type { Stores } from '../../../src/lib/admin/needs.js';
import { HandOver, type HandOverParts } from '../../../src/lib/server/hand-over.js';

/** Parts of a server without connections whose settings are in memory. */
function partsWith(settings: () => Promise<ReadonlyMap<string, string>>): HandOverParts {
  const nothing = { all: async () => [] };
  const stores = {
    kind: 'memory',
    settings: { all: settings },
    accounts: nothing,
    bans: nothing,
    listServers: nothing,
  } as unknown as Stores;
  return {
    server: { isStopping: false, peers: { all: [] }, listeners: { handles: {} } },
    admin: () => ({ handles: {} }),
    configuration: { stores },
    begin: { places: {} },
  } as unknown as HandOverParts;
}

test('one restart at a time, from the first question on', async (t) => {
  let answer = (_: ReadonlyMap<string, string>): void => {};
  const settings = new Promise<ReadonlyMap<string, string>>((resolve) => {
    answer = resolve;
  });
  const handOver = new HandOver(partsWith(() => settings));
  const first = handOver.prepare({ closesTls: false });
  await t.throwsAsync(handOver.prepare({ closesTls: false }), { message: /is being restarted already/ });
  answer(new Map([['serverTitle', 'Ink']]));
  await t.throwsAsync(first, { message: /only in its memory would be lost/ });
});

test('a restart that was refused is no obstacle for the next one', async (t) => {
  const handOver = new HandOver(partsWith(async () => new Map([['serverTitle', 'Ink']])));
  for (let attempt = 0; attempt < 2; attempt++)
    await t.throwsAsync(handOver.prepare({ closesTls: false }), {
      message: /only in its memory would be lost/,
    });
});
