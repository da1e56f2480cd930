import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  type LoginRefusal,
  loginCodes,
  loginRefusal,
  loginRefusals,
} from '../../../../src/lib/core/login/refusals.js';

/** Rows of the table of codes in the specification: code -> since. */
function specifiedCodes(): Map<string, string> {
  const [, section = ''] = readFileSync('docs/spec/login.md', 'utf8').split(/^## 14\. .*$/m);
  const [table = ''] = section.split(/^## /m);
  const codes = new Map<string, string>();
  for (const line of table.split('\n')) {
    const [, names = '', since = ''] = line.split('|').map((cell) => cell.trim());
    if (!line.startsWith('|') || /^(code|-+)$/.test(names)) continue;
    for (const name of names.split(/, ?/)) codes.set(name, since);
  }
  return codes;
}

const reasons = Object.keys(loginRefusals) as LoginRefusal[];

test('the codes of the table are those of the specification, from the same server on', (t) => {
  const specified = specifiedCodes();
  t.true(specified.size > 40);
  // Of the originals; dp answers these two cases otherwise.
  t.deepEqual(
    [...specified.keys()].filter((code) => !(code in loginCodes)),
    ['alreadySecure', 'noGuest'],
  );
  for (const [code, { since }] of Object.entries(loginCodes)) {
    const theirs = specified.get(code)?.replace('OURS', 'ours').replace('-pre', '');
    t.is(theirs, since, code);
  }
});

test('every code has a reason, and a reason that is alone with its code is called like it', (t) => {
  for (const code of Object.keys(loginCodes)) {
    const found = reasons.filter((reason) => loginRefusals[reason].code === code);
    t.true(found.length > 0, code);
    if (found.length === 1)
      t.true(
        found.some((reason) => reason === code),
        code,
      );
  }
});

test('every reason is used, and no code or text of the table stands anywhere else in the login', (t) => {
  const folder = 'src/lib/core/login';
  const rest = readdirSync(folder)
    .filter((name) => name !== 'refusals.ts')
    .map((name) => readFileSync(join(folder, name), 'utf8'))
    .join('\n');
  for (const reason of reasons) {
    t.true(rest.includes(`'${reason}'`), `'${reason}' is used nowhere`);
    t.false(rest.includes(loginRefusals[reason].text), reason);
  }
});

test('values stand in the text', (t) => {
  t.deepEqual(loginRefusal('banned', { ban: 7 }), {
    code: 'banned',
    text: 'You have been banned from this session (ban 7)',
  });
  t.is(loginRefusal('mismatchedHostName', { host: 'a.example' }).text, 'This server is reached as a.example');
  t.deepEqual(loginRefusal('busy'), loginRefusals.busy);
  // @ts-expect-error the text wants a value
  t.notThrows(() => loginRefusal('protoverns'));
  // @ts-expect-error there is no such reason
  t.throws(() => loginRefusal('tooLate'));
});
