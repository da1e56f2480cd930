// What list servers get of a session.

import test from 'ava';
import { type ListableSession, SessionListings } from '../../../../src/lib/core/session/session-listings.js';

const somebody = (name: string, isGhost = false) => ({ name, isGhost });

function factsOf(members: readonly { name: string; isGhost: boolean }[]) {
  const room = {
    id: 'some-id',
    state: { name: 'running' },
    isShut: false,
    protocol: 'dp:4.21.2',
    options: { title: 'Open', nsfm: false, maxUserCount: 25, closed: false },
    people: { members, count: members.length, activeDrawerCount: 0 },
    password: { isSet: false },
    config: { founder: 'ann' },
  };
  return new SessionListings(room as unknown as ListableSession).listingFacts();
}

test('a ghost is not named in an announcement, wherever it joined', (t) => {
  t.deepEqual(factsOf([somebody('ann'), somebody('watcher', true), somebody('bob')]).userNames, [
    'ann',
    'bob',
  ]);
  t.deepEqual(factsOf([somebody('watcher', true)]).userNames, []);
  t.deepEqual(factsOf([somebody('ann'), somebody('bob')]).userNames, ['ann', 'bob']);
});
