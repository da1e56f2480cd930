// Roles of guests: who they are recognised by, and how many are remembered.
import test from 'ava';
import { GuestRoles } from '../../../../src/lib/core/session/guest-roles.js';
import { holderKey, type RoleHolder, rememberedAtMost } from '../../../../src/lib/core/session/saved.js';

const holder = (role: RoleHolder['role'], who: string, name: string): [string, RoleHolder] => {
  const found = { role, who, name };
  return [holderKey(found), found];
};

function makeRoles(...holders: [string, RoleHolder][]) {
  const written: unknown[] = [];
  return { roles: new GuestRoles(new Map(holders), (entry) => void written.push(entry)), written };
}

const ann = { authId: '', sid: 's', name: 'Ann' };

test('a guest has a role with their system id and name, in whatever case', (t) => {
  const { roles, written } = makeRoles();
  roles.set(ann, 'operator', true);
  roles.set(ann, 'operator', true);
  t.true(roles.has({ ...ann, name: 'ANN' }, 'operator'));
  t.false(roles.has(ann, 'trusted'));
  t.false(roles.has({ ...ann, name: 'Bob' }, 'operator'));
  t.false(roles.has({ ...ann, sid: 'other' }, 'operator'));
  t.false(roles.has({ ...ann, authId: 'internal:ann' }, 'operator'), 'an account is another person');
  roles.set(ann, 'operator', false);
  roles.set(ann, 'operator', false);
  t.false(roles.has(ann, 'operator'));
  t.deepEqual(written, [
    { key: 'guestRole', has: true, role: 'operator', who: 's', name: 'ann' },
    { key: 'guestRole', has: false, role: 'operator', who: 's', name: 'ann' },
  ]);
});

test('who is muted is so under any name, and with an account', (t) => {
  const { roles } = makeRoles();
  roles.set(ann, 'muted', true);
  t.true(roles.has({ ...ann, name: 'Bob' }, 'muted'));
  const account = { authId: 'internal:eve', sid: 'e', name: 'eve' };
  roles.set(account, 'muted', true);
  t.true(roles.has({ ...account, sid: 'elsewhere' }, 'muted'));
});

test('nobody without a system id or account is remembered, and no account but for being muted', (t) => {
  const { roles, written } = makeRoles();
  const unknown = { authId: '', sid: '', name: 'who' };
  for (const role of ['operator', 'trusted', 'muted'] as const) roles.set(unknown, role, true);
  roles.set({ authId: 'internal:a', sid: 's', name: 'a' }, 'operator', true);
  t.deepEqual(written, []);
  t.false(roles.has(unknown, 'muted'));
});

test('an operator among the guests is known from what was stored', (t) => {
  t.false(makeRoles().roles.hasOperator);
  t.false(makeRoles(holder('trusted', 's', 'ann'), holder('muted', 's', '')).roles.hasOperator);
  const { roles } = makeRoles(holder('trusted', 's', 'ann'), holder('operator', 's', 'ann'));
  t.true(roles.hasOperator);
  roles.set(ann, 'operator', false);
  t.false(roles.hasOperator);
});

test('after a kick what was granted is forgotten, and being muted is not', (t) => {
  const { roles } = makeRoles();
  for (const role of ['operator', 'trusted', 'muted'] as const) roles.set(ann, role, true);
  roles.revoke(ann);
  t.deepEqual(
    (['operator', 'trusted', 'muted'] as const).map((role) => roles.has(ann, role)),
    [false, false, true],
  );
});

test('those who got a role last are remembered, so many of them', (t) => {
  const person = (at: number) => ({ authId: '', sid: `s${at}`, name: 'n' });
  const { roles } = makeRoles();
  for (let at = 0; at < rememberedAtMost; at++) roles.set(person(at), 'trusted', true);
  t.true(roles.has(person(0), 'trusted'));
  roles.set(person(rememberedAtMost), 'trusted', true);
  t.false(roles.has(person(0), 'trusted'));
  t.true(roles.has(person(1), 'trusted'));
  t.true(roles.has(person(rememberedAtMost), 'trusted'));
});
