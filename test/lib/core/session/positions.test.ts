// How far people have read: by who they are, with what a restart has lost, and for so many people.
import test from 'ava';
import type { UserInfo } from '../../../../src/lib/core/session/member.js';
import { Positions } from '../../../../src/lib/core/session/positions.js';
import { type JournalEntry, rememberedAtMost } from '../../../../src/lib/core/session/saved.js';

const userInfo = (name: string, sid = `sid of ${name}`, authId = '') => ({ name, sid, authId }) as UserInfo;

function make() {
  const stored: JournalEntry[] = [];
  return { positions: new Positions((entry) => stored.push(entry)), stored };
}

test('somebody is known by account or system id, and by name', (t) => {
  const { positions, stored } = make();
  positions.left(userInfo('Ann', 'a'), 7);
  t.deepEqual(stored, [{ key: 'read', who: 'a', name: 'ann', index: 7 }]);
  t.is(positions.of(userInfo('ANN', 'a')), 7);
  t.is(positions.of(userInfo('Ann', 'b')), undefined);
  t.is(positions.of(userInfo('Bob', 'a')), undefined);
  positions.left(userInfo('Ann', 'a', 'internal:1'), 9);
  t.is(positions.of(userInfo('Ann', 'elsewhere', 'internal:1')), 9);
});

test('whoever cannot be known again is not remembered', (t) => {
  const { positions, stored } = make();
  const nobody = userInfo('Ann', '');
  positions.came(nobody);
  positions.left(nobody, 7);
  t.deepEqual(stored, []);
  t.is(positions.of(nobody), undefined);
});

test('who comes may have read anything until they leave', (t) => {
  const { positions, stored } = make();
  positions.came(userInfo('Ann', 'a'));
  t.deepEqual(stored, [{ key: 'read', who: 'a', name: 'ann', index: undefined }]);
});

test('nobody has read more than is stored: what is beyond was lost, and is written down as lost', (t) => {
  const { positions, stored } = make();
  const read = (name: string, index: number | undefined) => ({ who: `sid of ${name}`, name, index });
  positions.restore([read('ann', 5), read('bob', 10), read('cat', 11), read('dan', undefined)], 10);
  t.deepEqual(
    ['ann', 'bob', 'cat', 'dan'].map((name) => positions.of(userInfo(name))),
    [5, 10, 10, 10],
  );
  t.deepEqual(stored, [
    { key: 'read', who: 'sid of cat', name: 'cat', index: 10 },
    { key: 'read', who: 'sid of dan', name: 'dan', index: 10 },
  ]);
});

test('those who left last are remembered, so many of them', (t) => {
  const { positions } = make();
  for (let i = 0; i < rememberedAtMost; i++) positions.left(userInfo(`p${i}`), i);
  t.is(positions.of(userInfo('p0')), 0, 'there is room for all of them');
  positions.left(userInfo('p0'), 5000);
  positions.left(userInfo('late'), 1);
  t.is(positions.of(userInfo('p1')), undefined, 'who left first is forgotten');
  t.is(positions.of(userInfo('p0')), 5000);
  t.is(positions.of(userInfo('p2')), 2);
});
