// Operators and trusted users with an account: what is remembered of them, and how much of it.
import test from 'ava';
import { AccountRoles, roleKey } from '../../../../src/lib/core/session/account-roles.js';
import { rememberedAtMost, rememberedBytes } from '../../../../src/lib/core/session/saved.js';

function makeRoles(
  saved: { ops?: string[]; trusted?: string[]; names?: [string, string][] } = {},
  rememberedBytesAtMost = 1_000_000,
) {
  const written: unknown[] = [];
  let full = 0;
  const flow = { rememberedBytesAtMost };
  const roles = new AccountRoles(
    { flow, write: (entry) => void written.push(entry), rolesAreFull: () => void full++ },
    {
      ops: new Set(saved.ops),
      trusted: new Set(saved.trusted),
      authNames: new Map(saved.names),
    },
  );
  return { roles, written, flow, timesFull: () => full };
}

test('a role that is granted and revoked is remembered each time it changes', (t) => {
  const { roles, written } = makeRoles();
  t.true(roles.set('a', 'operator', true));
  t.false(roles.set('a', 'operator', true));
  t.true(roles.set('a', 'trusted', true));
  t.deepEqual([roles.has('a', 'operator'), roles.count('operator'), roles.count('trusted')], [true, 1, 1]);
  t.true(roles.set('a', 'operator', false));
  t.false(roles.set('a', 'operator', false));
  t.true(roles.set('a', 'trusted', false));
  t.deepEqual([roles.has('a', 'operator'), roles.has('a', 'trusted')], [false, false]);
  t.deepEqual(written, [
    { key: 'op', authId: 'a' },
    { key: 'trust', authId: 'a' },
    { key: 'deop', authId: 'a' },
    { key: 'untrust', authId: 'a' },
  ]);
});

test('everybody of whom something is remembered is listed once, those with a name first', (t) => {
  const { roles } = makeRoles({ ops: ['a', 'b'], trusted: ['b', 'c'], names: [['d', 'Dora']] });
  t.deepEqual([...roles.all], ['d', 'a', 'b', 'c']);
  t.is(roles.nameOf('d'), 'Dora');
  t.is(roles.nameOf('a'), undefined);
  t.deepEqual(
    [
      roleKey('operator', true),
      roleKey('operator', false),
      roleKey('trusted', true),
      roleKey('trusted', false),
    ],
    ['op', 'deop', 'trust', 'untrust'],
  );
});

test('a name is written down when it is new or another one, not when it is the same', (t) => {
  const { roles, written } = makeRoles();
  t.true(roles.name('a', 'Ann'));
  t.false(roles.name('a', 'Ann'));
  t.true(roles.name('a', 'Anna'));
  t.is(roles.nameOf('a'), 'Anna');
  t.deepEqual(written, [
    { key: 'authName', authId: 'a', name: 'Ann' },
    { key: 'authName', authId: 'a', name: 'Anna' },
  ]);
});

test('roles and names have the share of the session to the last byte, also of what was stored before', (t) => {
  const stored = rememberedBytes('op') + rememberedBytes('tr') + rememberedBytes('na', 'Name');
  const most = stored + rememberedBytes('new') + rememberedBytes('new', 'N');
  const saved = { ops: ['op'], trusted: ['tr'], names: [['na', 'Name']] as [string, string][] };
  const exact = makeRoles(saved, most);
  t.true(exact.roles.set('new', 'operator', true));
  t.true(exact.roles.name('new', 'N'));
  t.is(exact.timesFull(), 0);
  t.false(exact.roles.name('new', 'NN'), 'a longer name does not fit');
  t.is(exact.roles.nameOf('new'), 'N');
  t.true(exact.roles.name('new', 'M'), 'one as long takes the place of the other');
  t.false(exact.roles.set('x', 'trusted', true));
  t.is(exact.timesFull(), 1);
  const short = makeRoles(saved, most - 1);
  t.true(short.roles.set('new', 'operator', true));
  t.false(short.roles.name('new', 'N'));
  t.is(short.roles.nameOf('new'), undefined);
  t.deepEqual(short.written, [{ key: 'op', authId: 'new' }]);
});

test('what is forgotten gives its bytes back', (t) => {
  const { roles, timesFull } = makeRoles({}, rememberedBytes('a'));
  for (let round = 0; round < 3; round++) {
    t.true(roles.set('a', 'operator', true));
    t.false(roles.set('b', 'operator', true));
    t.true(roles.set('a', 'operator', false));
  }
  t.is(timesFull(), 3);
});

test('a role can be revoked and a name be shortened where more is remembered than may be', (t) => {
  const { roles, flow } = makeRoles({ ops: ['a'], names: [['a', 'Annabella']] });
  flow.rememberedBytesAtMost = 1;
  t.true(roles.name('a', 'Ann'));
  t.true(roles.name('a', 'Eve'), 'one as long');
  t.true(roles.set('a', 'operator', false));
});

test('so many accounts have a role, and so many names are known, however much room there is', (t) => {
  const many = Array.from({ length: rememberedAtMost - 1 }, (_, at) => `n${at}`);
  const { roles, timesFull } = makeRoles({ ops: many, names: many.map((id) => [id, id]) });
  t.true(roles.set('last', 'operator', true));
  t.false(roles.set('more', 'operator', true));
  t.is(timesFull(), 1);
  t.true(roles.set('more', 'trusted', true), 'the other role has its own number');
  t.true(roles.set('n0', 'operator', false));
  t.true(roles.name('last', 'Last'));
  t.false(roles.name('more', 'More'));
  t.true(roles.name('n0', 'Other'), 'a known one may change');
});
