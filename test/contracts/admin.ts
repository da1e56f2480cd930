// What every Admin does, whatever it stands before: run against each implementation.

import type { ExecutionContext, TestFn } from 'ava';
import type { Admin } from '../../src/lib/admin/admin.js';
import { type ErrorKind, Refusal } from '../../src/lib/core/errors.js';

export interface AdminUnderTest {
  admin: Admin;
  /** A settings file keeps no expiry, reasons, comments or log, and lists whole URLs. */
  isFile?: boolean;
}

/** Declares the contract's tests in an ava file. `open` gives an empty set-up for each test. */
export function testAdmin(
  test: TestFn,
  label: string,
  open: (t: ExecutionContext) => AdminUnderTest | Promise<AdminUnderTest>,
): void {
  const it = (title: string, run: (t: ExecutionContext, under: AdminUnderTest) => Promise<void>) =>
    test(`${label}: ${title}`, async (t) => {
      const under = await open(t);
      await run(t, under);
      await under.admin.close();
    });

  const refused = async (t: ExecutionContext, what: Promise<unknown>, kind: ErrorKind, message?: RegExp) => {
    const error = await t.throwsAsync<Refusal>(what, { instanceOf: Refusal });
    t.is(error?.kind, kind);
    if (message) t.regex(error?.message ?? '', message);
    return error;
  };

  it('a setting has its default until it is set, and again when it is unset', async (t, { admin }) => {
    const before = await admin.run('config.get', { name: 'idleTimeLimit' });
    t.is(before.value, 0);
    t.is(before.origin, 'default');
    const [set] = await admin.run('config.change', { set: { idleTimeLimit: '90m' } });
    t.is(set?.value, 5400);
    t.is(set?.text, '90m');
    const after = await admin.run('config.get', { name: 'idleTimeLimit' });
    t.is(after.value, 5400);
    t.not(after.origin, 'default');
    await admin.run('config.change', { unset: ['idleTimeLimit'] });
    t.is((await admin.run('config.get', { name: 'idleTimeLimit' })).origin, 'default');
  });

  it('several settings change together or not at all', async (t, { admin }) => {
    await refused(
      t,
      admin.run('config.change', { set: { serverTitle: 'Ink', sessionCountLimit: 'many' } }),
      'badInput',
      /sessionCountLimit/,
    );
    t.is((await admin.run('config.get', { name: 'serverTitle' })).value, '');
  });

  it('an unknown setting is refused with the name that was meant', async (t, { admin }) => {
    const error = await refused(t, admin.run('config.get', { name: 'idleTimeLimt' }), 'badInput');
    t.regex(error?.hint ?? '', /idleTimeLimit/);
  });

  it('the manual’s spelling sets the real setting', async (t, { admin }) => {
    await admin.run('config.change', { set: { title: 'Ink' } });
    t.is((await admin.run('config.get', { name: 'serverTitle' })).value, 'Ink');
  });

  it('a secret is told by name and hidden in lists', async (t, { admin }) => {
    await admin.run('config.change', { set: { reporttoken: 'hush' } });
    const listed = (await admin.run('config.list', {})).find(({ name }) => name === 'reporttoken');
    t.is(listed?.value, undefined);
    t.is(listed?.text, '');
    t.not(listed?.origin, 'default');
    t.is((await admin.run('config.get', { name: 'reporttoken' })).value, 'hush');
  });

  it('an account can be added, found, changed, renamed and removed', async (t, { admin }) => {
    const added = await admin.run('user.add', {
      name: 'alice',
      password: 'pass word',
      flags: ['mod', 'HOST'],
    });
    t.like(added, { name: 'alice', flags: ['MOD', 'HOST'], isLocked: false, password: 'argon2id' });
    await admin.run('user.add', { name: 'bob', password: 'x' });
    t.deepEqual(
      (await admin.run('user.list', {})).map(({ name }) => name),
      ['alice', 'bob'],
    );
    await admin.run('user.change', {
      key: { name: 'alice' },
      name: 'Alice',
      addFlags: ['PERSIST'],
      removeFlags: ['HOST'],
      isLocked: true,
    });
    t.like(await admin.run('user.get', { key: { name: 'Alice' } }), {
      flags: ['MOD', 'PERSIST'],
      isLocked: true,
    });
    t.like(await admin.run('user.get', { key: { name: 'alice' } }), { name: 'Alice' });
    await admin.run('user.remove', { key: { name: 'Alice' } });
    await refused(t, admin.run('user.get', { key: { name: 'Alice' } }), 'notFound');
    t.deepEqual(
      (await admin.run('user.list', {})).map(({ name }) => name),
      ['bob'],
    );
  });

  it('a name is taken once, and names that clients can’t have are refused', async (t, { admin }) => {
    await admin.run('user.add', { name: 'alice', password: 'x' });
    await refused(t, admin.run('user.add', { name: 'alice', password: 'y' }), 'conflict');
    for (const name of ['Alice', 'al\u200bice', 'Ａlice']) {
      await refused(t, admin.run('user.add', { name, password: 'x' }), 'conflict');
    }
    await admin.run('user.add', { name: 'bob', password: 'x' });
    await refused(t, admin.run('user.change', { key: { name: 'bob' }, name: 'ALICE' }), 'conflict');
    await refused(t, admin.run('user.add', { name: '\u200b', password: 'y' }), 'badInput');
    await refused(t, admin.run('user.add', { name: 'x'.repeat(23), password: 'y' }), 'badInput');
    await refused(t, admin.run('user.add', { name: 'a"b', password: 'y' }), 'badInput');
    await refused(t, admin.run('user.add', { name: 'carol', password: '' }), 'badInput');
  });

  it('a login is checked: existence, then lock, then password', async (t, { admin }) => {
    await admin.run('user.add', { name: 'alice', password: 'right' });
    const login = (password: string) => admin.run('user.login', { name: 'alice', password });
    t.is(await admin.run('user.login', { name: 'bob', password: 'x' }), 'unknown');
    t.is(await login('wrong'), 'wrong');
    t.is(await login('right'), 'ok');
    await admin.run('user.change', { key: { name: 'alice' }, password: 'new' });
    t.is(await login('right'), 'wrong');
    t.is(await login('new'), 'ok');
    await admin.run('user.change', { key: { name: 'alice' }, isLocked: true });
    t.is(await login('new'), 'locked');
  });

  it('an account that isn’t there is not found, with the one that was meant', async (t, { admin }) => {
    await admin.run('user.add', { name: 'alice', password: 'x' });
    const error = await refused(t, admin.run('user.remove', { key: { name: 'alcie' } }), 'notFound');
    t.regex(error?.hint ?? '', /alice/);
  });

  it('a ban of a subnet matches its addresses, and is lifted by its id', async (t, { admin }) => {
    const ban = await admin.run('ban.add', { kind: 'ip', address: '10.1.0.0', bits: 16 });
    t.like(ban, { kind: 'ip', target: '10.1.0.0/16', isActive: true });
    const inside = await admin.run('ban.explain', { address: '::ffff:10.1.2.3' });
    t.true(inside.isBanned);
    t.is(inside.matching[0]?.ref, ban.ref);
    t.regex(inside.matching[0]?.why ?? '', /one of 65536 addresses from 10\.1\.0\.0 to 10\.1\.255\.255/);
    t.false((await admin.run('ban.explain', { address: '10.2.0.1' })).isBanned);
    const again = await admin.run('ban.add', { kind: 'ip', address: '10.1.0.0', bits: 16 });
    t.is(again.ref, ban.ref);
    await admin.run('ban.remove', { refs: [{ kind: ban.kind, id: ban.id }] });
    t.deepEqual(await admin.run('ban.list', { withExpired: true }), []);
    await refused(t, admin.run('ban.remove', { refs: [{ kind: ban.kind, id: ban.id }] }), 'notFound');
  });

  it('clients and users can be banned', async (t, { admin }) => {
    await admin.run('ban.add', { kind: 'client', sid: '0123456789abcdef0123456789abcdef', reaction: 'hang' });
    await admin.run('ban.add', { kind: 'user', userId: 42 });
    const bans = await admin.run('ban.list', {});
    t.deepEqual(bans.map(({ kind, target, reaction }) => [kind, target, reaction]).sort(), [
      ['client', '0123456789abcdef0123456789abcdef', 'hang'],
      ['user', '42', 'normal'],
    ]);
    t.is((await admin.run('ban.list', { kind: 'user' })).length, 1);
    await refused(t, admin.run('ban.add', { kind: 'user', userId: 0 }), 'badInput');
    await refused(t, admin.run('ban.add', { kind: 'ip', address: '10.0.0.300' }), 'badInput');
    await refused(t, admin.run('ban.add', { kind: 'ip', address: '10.0.0.3', bits: 33 }), 'badInput');
  });

  it('what a ban would cover is told before', async (t, { admin }) => {
    await admin.run('ban.add', { kind: 'ip', address: '10.1.2.3' });
    const preview = await admin.run('ban.preview', { address: '10.9.9.9', bits: 8 });
    t.like(preview, {
      subnet: '10.0.0.0/8',
      addresses: '16777216',
      isSingle: false,
      isRounded: true,
      hasLoopback: false,
    });
    t.deepEqual(
      preview.covers.map(({ target }) => target),
      ['10.1.2.3'],
    );
    t.true((await admin.run('ban.preview', { address: '127.0.0.0', bits: 8 })).hasLoopback);
    const inner = await admin.run('ban.preview', { address: '10.1.2.3' });
    t.deepEqual(
      inner.coveredBy.map(({ target }) => target),
      ['10.1.2.3'],
    );
  });

  it('bans end, and keep expiry, reason and comment where the store can', async (t, { admin, isFile }) => {
    const past = Date.UTC(2020, 0, 1);
    const future = Date.UTC(2999, 0, 1);
    if (isFile) {
      await refused(
        t,
        admin.run('ban.add', { kind: 'ip', address: '10.0.0.1', expires: future }),
        'unsupported',
      );
      await refused(t, admin.run('ban.add', { kind: 'user', userId: 3, reason: 'x' }), 'unsupported');
      return;
    }
    const ended = await admin.run('ban.add', {
      kind: 'ip',
      address: '10.0.0.1',
      expires: past,
      comment: 'old',
    });
    t.false(ended.isActive);
    const ban = await admin.run('ban.add', {
      kind: 'user',
      userId: 3,
      expires: future,
      reason: 'told',
      comment: 'kept',
    });
    t.deepEqual(
      (await admin.run('ban.list', {})).map(({ ref }) => ref),
      [ban.ref],
    );
    t.is((await admin.run('ban.list', { withExpired: true })).length, 2);
    t.false((await admin.run('ban.explain', { address: '10.0.0.1' })).isBanned);
    const changed = await admin.run('ban.change', {
      kind: 'user',
      id: ban.id,
      change: { reason: 'new', expires: null },
    });
    t.like(changed, { reason: 'new', comment: 'kept', expires: null });
    t.like((await admin.run('ban.list', { kind: 'user' }))[0], {
      reason: 'new',
      comment: 'kept',
      expires: null,
    });
    t.deepEqual(
      (await admin.run('ban.remove', { which: 'expired' })).map(({ ref }) => ref),
      [ended.ref],
    );
    t.deepEqual(
      (await admin.run('ban.list', { withExpired: true })).map(({ ref }) => ref),
      [ban.ref],
    );
  });

  it('the list of list servers', async (t, { admin, isFile }) => {
    const url = 'https://drawpile.net/api/listing/';
    t.deepEqual((await admin.run('listserver.list', {})).list, []);
    t.deepEqual((await admin.run('listserver.add', { entry: url })).list, [
      isFile ? url : '^https://drawpile\\.net/api/listing/',
    ]);
    await refused(t, admin.run('listserver.add', { entry: url }), 'conflict');
    await refused(t, admin.run('listserver.add', { entry: 'drawpile' }), 'badInput');
    t.deepEqual((await admin.run('listserver.remove', { entry: url })).list, []);
    await refused(t, admin.run('listserver.remove', { entry: url }), 'notFound');
  });

  it('the log', async (t, { admin, isFile }) => {
    const query = admin.run('log.query', { order: 'newest' });
    if (isFile) await refused(t, query, 'unsupported');
    else t.deepEqual(await query, []);
  });

  it('an empty set-up has no problems', async (t, { admin }) => {
    t.deepEqual(await admin.run('config.check', {}), []);
  });
}
