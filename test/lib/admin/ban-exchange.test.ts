// Bans that are exported and imported: nothing is lost on the way, what would change is said first, and it is all or nothing.

import test from 'ava';
import { runHere } from '../../../src/lib/admin/admin.js';
import { formatBans, readBanLines } from '../../../src/lib/admin/ban-file.js';
import { memoryStores } from '../../../src/lib/admin/memory-stores.js';
import type { Caller } from '../../../src/lib/admin/operation.js';
import type { OutputOf } from '../../../src/lib/admin/operations.js';
import { systemSecrets } from '../../../src/lib/io/system/access-secrets.js';
import { quickPasswords } from '../../helpers/quick-passwords.js';

const now = Date.UTC(2030, 0, 1);

function makeNeeds(caller?: Caller) {
  return {
    stores: memoryStores([], () => now),
    passwords: quickPasswords(),
    secrets: systemSecrets,
    now: () => now,
    ...(caller && { caller }),
  };
}

type Needs = ReturnType<typeof makeNeeds>;
const importText = (needs: Needs, text: string, isDryRun = false) =>
  runHere(needs, 'ban.import', { text, isDryRun }) as Promise<OutputOf<'ban.import'>>;
const exported = async (needs: Needs, withExpired = false) =>
  (await runHere(needs, 'ban.export', { withExpired })) as OutputOf<'ban.export'>;

const hostile = 'said "no",\nthen # left, \u202eright\r\n=cmd()';

test('what is exported is imported as it was, whatever is written in it', async (t) => {
  const needs = makeNeeds();
  const add = (input: object) => runHere(needs, 'ban.add', input);
  await add({ kind: 'ip', address: '192.0.2.0', bits: 24, comment: hostile, expires: now + 86_400_000 });
  await add({ kind: 'ip', address: '2001:db8::7' });
  await add({ kind: 'client', sid: 'abc#1', reason: '  spaces  ', comment: 'x', reaction: 'garbage' });
  await add({ kind: 'user', userId: 4711, reason: '"', expires: now + 60_000 });
  const { text, count } = await exported(needs);
  t.is(count, 4);
  const other = makeNeeds();
  const { added, problems } = await importText(other, text);
  t.deepEqual([added, problems], [4, []]);
  t.is((await exported(other)).text, text);
  const again = await importText(other, text);
  t.deepEqual([again.added, again.changed], [0, 0], 'a second time nothing changes');
  const spreadsheet = `\ufeff${text.replaceAll('\n', '\r\n')}`;
  t.is((await importText(makeNeeds(), spreadsheet, true)).problems.length, 0, 'as spreadsheets save it');
});

test('a plain list of addresses is one too', async (t) => {
  const needs = makeNeeds();
  const found = await importText(needs, '# my list\n\n192.0.2.1\n 192.0.2.0/24 , 7d, spam\n2001:db8::/32\n');
  t.deepEqual(
    found.rows.map(({ line, target, expires, comment }) => [line, target, expires, comment]),
    [
      [3, '192.0.2.1', null, ''],
      [4, '192.0.2.0/24', now + 7 * 86_400_000, 'spam'],
      [5, '2001:db8::/32', null, ''],
    ],
  );
  t.is((await needs.stores.bans.all()).length, 3);
});

test('what would change is said before it is done, and an expired line is left out', async (t) => {
  const needs = makeNeeds();
  await importText(needs, 'ip,192.0.2.1,never,old');
  const text = 'ip,192.0.2.1,2030-02-01,new\nip,192.0.2.2,2020-01-01,gone\nip,192.0.2.3';
  const dry = await importText(needs, text, true);
  t.deepEqual(
    dry.rows.map(({ action }) => action),
    ['change', 'skip', 'add'],
  );
  t.like(dry.rows[0]?.before, { expires: null, comment: 'old' });
  t.false(dry.isDone);
  t.is((await needs.stores.bans.all()).length, 1, 'nothing was done');
  await importText(needs, text);
  const bans = await needs.stores.bans.all();
  t.is(bans.length, 2);
  t.like(bans[0], { comment: 'new', expires: Date.UTC(2030, 1, 1) });
});

for (const [line, problem] of [
  ['ip,not an address', /invalid IP address/],
  ['ip,192.0.2.1/99', /prefix|subnet|bits/i],
  ['ip,0.0.0.0/0', /all IPv4 addresses/],
  ['ip,192.0.2.1,someday', /someday/],
  ['ip,192.0.2.1,,note,a reason', /no reason/],
  ['client,a b', /system id/],
  ['user,anna', /user number/],
  ['user,0', /userId/],
  ['fish,1', /kind of ban|address/],
  ['client,abc,,,,explode', /reaction/],
  ['ip,192.0.2.9\nip,192.0.2.9,7d', /line 3 already/],
  [`ip,192.0.2.1,,${'x'.repeat(3_000)}`, /comment/],
] as const) {
  test(`nothing is imported with a wrong line: ${line.slice(0, 40).replace('\n', ' ')}`, async (t) => {
    const needs = makeNeeds();
    const text = `kind,target,expires,comment,reason,reaction\nip,192.0.2.200\n${line}\n`;
    const dry = await importText(needs, text, true);
    const last = 2 + line.split('\n').length;
    t.is(dry.problems.length, 1, JSON.stringify(dry.problems));
    t.is(dry.problems[0]?.line, last);
    t.regex(dry.problems[0]?.message ?? '', problem);
    const error = await t.throwsAsync(importText(needs, text), { message: new RegExp(`^line ${last}: `) });
    t.is((error as { code?: string }).code, 'ban-line-invalid');
    t.deepEqual(await needs.stores.bans.all(), []);
  });
}

for (const [text, line] of [
  ['ip,"192.0.2.1', 1],
  ['kind,target,colour\nip,192.0.2.1,red', 1],
  ['192.0.2.1\n192.0.2.2,7d,a,b,c,d,e', 2],
] as const) {
  test(`a text that is no list names its line: ${JSON.stringify(text)}`, (t) => {
    t.throws(() => readBanLines(text), { message: new RegExp(`^line ${line}: `) });
  });
}

test('moderators import no bans without an expiry, and change none', async (t) => {
  const moderator: Caller = { name: 'Mia', role: 'moderator' };
  const needs = makeNeeds(moderator);
  t.is((await importText(needs, '192.0.2.1', true)).problems.length, 1);
  t.is((await importText(needs, 'ip,192.0.2.1,7d')).added, 1);
  await runHere({ ...needs, caller: { name: 'owner', role: 'administrator' } }, 'ban.add', {
    kind: 'ip',
    address: '192.0.2.2',
  });
  t.is((await importText(needs, 'ip,192.0.2.2,7d', true)).problems.length, 1);
});

test('an empty text imports nothing, and no bans are a text of one line', async (t) => {
  const needs = makeNeeds();
  t.deepEqual((await importText(needs, '')).rows, []);
  t.is(formatBans([]), 'kind,target,expires,comment,reason,reaction\n');
});
