// Files of operators in other encodings than UTF-8: understood where that is certain, else refused with one error that
// names file, place and way out; never guessed, never written over; and no server starts without its restrictions.

import { Buffer } from 'node:buffer';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import ConfigCheck from '../../src/commands/config/check.js';
import ConfigGet from '../../src/commands/config/get.js';
import ConfigSet from '../../src/commands/config/set.js';
import Doctor from '../../src/commands/doctor.js';
import Import from '../../src/commands/import.js';
import Status from '../../src/commands/status.js';
import TemplateValidate from '../../src/commands/template/validate.js';
import UserAdd from '../../src/commands/user/add.js';
import UserList from '../../src/commands/user/list.js';
import { runBinary } from '../helpers/run-binary.js';
import { runCommand } from '../helpers/run-command.js';
import { tempFolder } from '../helpers/temp-folder.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');

const restrictions = 'serverTitle = Caf\xe9\nallowGuests = false\n[users]\nann:plain;x:MOD\n';

/** Settings that must not be taken for others. */
const unreadable: Record<string, { bytes: Buffer; place: RegExp }> = {
  'Latin-1': { bytes: latin1(restrictions), place: /line 1, byte 17: it is not UTF-8/ },
  'a NUL in a value': {
    bytes: latin1('allowGuests = false\nruleText = a\0b\n'),
    place: /line 2, byte 32: .*NUL/,
  },
  'line ends of old Macs': {
    bytes: latin1('serverTitle = a\rallowGuests = false\r'),
    place: /line 1, byte 15: a carriage return/,
  },
  'UTF-16 without its mark': { bytes: utf16(restrictions).subarray(2), place: /line 1, byte 1: .*UTF-16/ },
  'UTF-16 that is cut': { bytes: utf16(restrictions).subarray(0, -1), place: /UTF-16 with half a character/ },
};

for (const [what, { bytes, place }] of Object.entries(unreadable)) {
  test(`a settings file with ${what}: every command refuses it, and it stays as it is`, async (t) => {
    const file = join(tempFolder(t), 'dp.conf');
    writeFileSync(file, bytes);
    const on = ['--config', file];
    for (const ran of [
      await runCommand(ConfigSet, ['serverTitle', 'New', ...on]),
      await runCommand(ConfigGet, ['serverTitle', ...on]),
      await runCommand(UserList, on),
      await runCommand(UserAdd, ['bob', ...on], { stdin: 'secret\n' }),
      await runCommand(Import, ['--dry-run', ...on]),
    ]) {
      t.is(ran.status, 7, ran.stdout);
      t.regex(ran.stderr, place);
      t.true(ran.stderr.includes(file));
      t.is(ran.stderr.trim().split('\n').length, 2, ran.stderr);
    }
    const checked = await runCommand(ConfigCheck, [file]);
    t.is(checked.status, 7);
    t.regex(checked.stdout, place);
    const examined = await runCommand(Doctor, ['--only', 'database', ...on]);
    t.is(examined.status, 7);
    t.regex(examined.stdout, place);
    t.deepEqual(readFileSync(file), bytes);
  });

  test(`a server with ${what} in its settings file does not start`, async (t) => {
    const folder = tempFolder(t);
    chmodSync(folder, 0o755);
    const file = join(folder, 'dp.conf');
    writeFileSync(file, bytes);
    const ran = await runBinary(['serve', '--port', '0', '--config', file]);
    t.is(ran.status, 7);
    t.regex(ran.stderr, place);
    const piped = await runBinary(['serve', '--port', '0', '--config', '-'], { stdin: bytes });
    t.is(piped.status, 7, piped.stderr);
    t.regex(piped.stderr, place);
    const checked = await runBinary(['config', 'check', '-'], { stdin: bytes });
    t.is(checked.status, 7, checked.stderr);
    t.regex(checked.stdout, place);
  });
}

test('a settings file in UTF-16 is understood and stays one', async (t) => {
  const file = join(tempFolder(t), 'dp.conf');
  for (const swap of [false, true]) {
    const inOrder = (text: string) => (swap ? utf16(text).swap16() : utf16(text));
    writeFileSync(file, inOrder('# mine ü\r\nserverTitle = Café\r\n[users]\r\nann:plain;x:MOD\r\n'));
    const on = ['--config', file];
    t.is((await runCommand(ConfigGet, ['serverTitle', ...on])).stdout, 'Café\n');
    t.is((await runCommand(UserList, ['--json', ...on])).json<{ name: string }[]>()[0]?.name, 'ann');
    t.is((await runCommand(ConfigSet, ['serverTitle', 'Neu ü', ...on])).status, 0);
    t.deepEqual(
      readFileSync(file),
      inOrder('# mine ü\r\nserverTitle = Neu ü\r\n[users]\r\nann:plain;x:MOD\r\n'),
    );
  }
});

test('settings from standard input are read, and cannot be changed', async (t) => {
  const stdin = 'serverTitle = Piped\n[users]\nann:plain;x:MOD\n';
  const list = await runBinary(['user', 'list', '--json', '--config', '-'], { stdin });
  t.is(JSON.parse(list.stdout)[0].name, 'ann', list.stderr);
  const set = await runBinary(['config', 'set', 'serverTitle', 'x', '--config', '-'], { stdin });
  t.is(set.status, 5);
  t.regex(set.stderr, /settings from standard input cannot be changed/);
});

test('a start file that is not text keeps the server from starting', async (t) => {
  const data = join(tempFolder(t), 'data');
  mkdirSync(data);
  for (const bytes of [
    latin1('DP_SECURE=true\nDP_LOCAL_HOST=caf\xe9\n'),
    latin1('DP_PORT=0\rDP_SECURE=true\r'),
  ]) {
    writeFileSync(join(data, 'serve.env'), bytes);
    const ran = await runBinary(['serve', '--data', data]);
    t.is(ran.status, 7, ran.stderr);
    t.regex(ran.stderr, /serve\.env: line \d/);
    t.regex((await runBinary(['init', '--yes', '--data', data])).stderr, /serve\.env: line \d/);
    t.deepEqual(readFileSync(join(data, 'serve.env')), bytes);
  }
});

test('templates: UTF-16, line ends of old Macs and headers that are not UTF-8 are refused with a way out', async (t) => {
  const folder = tempFolder(t);
  const text = '!version=dp:4.21.2\n!title=Caf\xe9\n!password=\xfc\n1 resize right=100 bottom=100\n';
  const rows: [name: string, bytes: Buffer, said: RegExp][] = [
    ['latin', latin1(text), /header is not UTF-8 \(line 2\)[\s\S]*save the file as UTF-8/],
    ['wide', utf16(text), /it is UTF-16[\s\S]*save the file as UTF-8/],
    ['big', utf16(text).swap16(), /it is UTF-16[\s\S]*save the file as UTF-8/],
    ['markless', utf16(text).subarray(2), /it is UTF-16[\s\S]*save the file as UTF-8/],
    ['markless-big', utf16(text).swap16().subarray(2), /it is UTF-16[\s\S]*save the file as UTF-8/],
    ['mac', latin1(text.replaceAll('\n', '\r').replaceAll('\xe9', 'e')), /carriage returns[\s\S]*LF/],
  ];
  for (const [name, bytes, said] of rows) {
    const file = join(folder, `${name}.dptxt`);
    writeFileSync(file, bytes);
    const ran = await runCommand(TemplateValidate, [file]);
    t.is(ran.status, 7, ran.stdout + ran.stderr);
    t.regex(ran.stdout + ran.stderr, said, name);
  }
});

test('a list of servers that is not text is refused with its place', async (t) => {
  const folder = tempFolder(t);
  mkdirSync(join(folder, 'dp'));
  writeFileSync(join(folder, 'dp', 'servers.ini'), latin1('# caf\xe9\n[home]\nurl = http://127.0.0.1:1\n'));
  const ran = await runCommand(Status, ['--server', 'home'], { env: { XDG_CONFIG_HOME: folder } });
  t.is(ran.status, 2);
  t.regex(ran.stderr, /servers\.ini: line 1, byte 5: it is not UTF-8/);
});
