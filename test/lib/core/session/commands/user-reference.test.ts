// How commands name a user: by id, 1 to 254, or by name.
import test from 'ava';
import { findUser } from '../../../../../src/lib/core/session/commands/user-reference.js';
import type { Member } from '../../../../../src/lib/core/session/member.js';

const member = (id: number) => ({ id }) as Member;
const session = {
  people: { get: member, byName: (name: string) => (name === 'Ann' ? member(7) : undefined) },
};
const empty = { people: { get: () => undefined, byName: () => undefined } };

test('ids from 1 to 254 name a user, others are none', (t) => {
  for (const id of [1, 2, 254]) t.like(findUser(session, id), { id });
  for (const id of [0, 255, 1.5, -1, Number.NaN])
    t.is(String(findUser(session, id)), 'invalid user id', `${id}`);
});

test('a name names a user, anything else nobody', (t) => {
  t.like(findUser(session, 'Ann'), { id: 7 });
  for (const reference of [undefined, null, true, ['Ann'], {}])
    t.is(String(findUser(session, reference)), 'expected a user id or name');
});

test('who is not there is not found', (t) => {
  t.is(String(findUser(empty, 7)), 'user not found');
  t.is(String(findUser(empty, 'Ann')), 'user not found');
});
