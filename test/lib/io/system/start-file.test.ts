// The start file of a data folder: read when that folder is used, and never lost without a word.

import { Buffer } from 'node:buffer';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  editedStartFile,
  readStartFile,
  startEnvironment,
} from '../../../../src/lib/io/system/start-file.js';
import { tempFolder } from '../../../helpers/temp-folder.js';

test('the environment goes before the file; a server that uses no data folder reads none', (t) => {
  const folder = tempFolder(t);
  writeFileSync(join(folder, 'serve.env'), 'DP_PORT=1\nDP_LOCAL_HOST=a\n');
  const env = { DP_DATA: folder, DP_PORT: '2' };
  const start = (...given: Parameters<typeof startEnvironment>) => startEnvironment(...given).environment;
  t.like(start({}, env), { DP_PORT: '2', DP_LOCAL_HOST: 'a' });
  t.deepEqual(start({ database: 'x' }, env), env);
  t.deepEqual(start({}, { ...env, DP_CONFIG: 'x' }), { ...env, DP_CONFIG: 'x' });
  t.deepEqual(start({ ephemeral: true }, env), env);
  t.like(start({ data: folder }, { DP_DATA: '/nowhere' }), { DP_LOCAL_HOST: 'a' });
  // sessions elsewhere beside a named data folder
  t.like(start({ sessions: 'x' }, env), { DP_LOCAL_HOST: 'a' });
  t.like(start({}, { ...env, DP_EPHEMERAL: 'false' }), { DP_LOCAL_HOST: 'a' });
  t.like(start({}, { ...env, DP_EPHEMERAL: '' }), { DP_LOCAL_HOST: 'a' });
});

test('sessions alone use no data folder: what is there can be anything', (t) => {
  const home = tempFolder(t);
  mkdirSync(join(home, 'dp', 'serve.env'), { recursive: true });
  const env = { XDG_DATA_HOME: home, DP_DATA: '' };
  t.deepEqual(startEnvironment({ sessions: 'x' }, env).environment, env);
  t.deepEqual(startEnvironment({}, { ...env, DP_SESSIONS: 'x' }).environment, { ...env, DP_SESSIONS: 'x' });
});

test('lines that set nothing and names that nobody reads are told with file and line', (t) => {
  const folder = tempFolder(t);
  const file = join(folder, 'serve.env');
  writeFileSync(file, 'export DP_PORT="27751"\nDP_SECURE\nDP_SSL_CERTT=/c.pem\nSSL_KEY=/k.pem\n');
  const { values, problems } = readStartFile(folder);
  t.is(values.DP_PORT, '27751');
  t.deepEqual(
    problems.map(({ message }) => message),
    [
      `${file}:2: 'DP_SECURE' has no value`,
      `${file}: unknown variable DP_SSL_CERTT: it has no effect`,
      `${file}: unknown variable SSL_KEY: it has no effect`,
    ],
  );
  t.regex(problems[1]!.hint!, /DP_SSL_CERT\?/);
  const { problems: atStart } = startEnvironment({ data: folder }, { DP_PROT: '1', PATH: '/bin' });
  t.is(atStart.length, 4);
  t.regex(atStart[3]!.message, /^unknown variable DP_PROT/);
  t.regex(atStart[3]!.hint!, /DP_PORT\?/);
});

test('an empty option and a line of a unit file are told', (t) => {
  const folder = tempFolder(t);
  const file = join(folder, 'serve.env');
  const lines = ['DP_SECURE=', "DP_SSL_CERT=''", 'Environment=DP_WS_PORT=1', 'X="DP_PORT=2"', 'PATH=/bin'];
  writeFileSync(file, `${lines.join('\n')}\n`);
  t.deepEqual(
    readStartFile(folder).problems.map(({ message }) => message),
    [
      `${file}: DP_SECURE is empty: it has no effect`,
      `${file}: DP_SSL_CERT is empty: it has no effect`,
      `${file}: unknown variable Environment: DP_WS_PORT is not set`,
      `${file}: unknown variable X: DP_PORT is not set`,
    ],
  );
});

for (const [line, told] of [
  ['export DP_PORT=27751 DP_SECURE=true', /: DP_SECURE is not set: it is in the value of DP_PORT$/],
  ['DP_LOCAL_HOST=draw.example; DP_SECURE=1', /: DP_SECURE is not set: it is in the value of DP_LOCAL_HOST$/],
  ['DP_SESSIONS=$HOME/dp', /: DP_SESSIONS: '\$HOME' is taken as it is/],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a shell would read it
  ['DP_SSL_CERT=${HOME}/cert.pem', /: DP_SSL_CERT: '\$\{HOME\}' is taken/],
  ['DP_SSL_KEY=~/key.pem', /: DP_SSL_KEY: '~\/' is taken/],
  ['DP_CONFIG=`pwd`/dp.conf', /: DP_CONFIG: '`' is taken/],
  ['DP_TEMPLATES="$(pwd)/templates"', /: DP_TEMPLATES: '\$\(' is taken/],
] as const) {
  test(`what only a shell does with ${line} is told`, (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'serve.env'), `${line}\n`);
    const messages = readStartFile(folder).problems.map(({ message }) => message);
    t.is(messages.length, 1, messages.join('\n'));
    t.regex(messages[0]!, told);
  });
}

test('values that only look like those of a shell are taken as they are', (t) => {
  const folder = tempFolder(t);
  const lines = [
    'DP_WEB_ADMIN_AUTH=admin:$ecret/x',
    'DP_RECORD=~/rec/%i.dprec',
    'DP_LOCAL_HOST=a',
    'DP_SESSIONS=/a b/$c',
  ];
  writeFileSync(join(folder, 'serve.env'), `${lines.join('\n')}\n`);
  t.deepEqual(readStartFile(folder).problems, []);
});

test('UTF-16 is read and reported, other encodings are refused, and neither is written over', (t) => {
  const folder = tempFolder(t);
  const file = join(folder, 'serve.env');
  writeFileSync(file, Buffer.from('\ufeffDP_PORT=27751\r\n', 'utf16le'));
  t.is(readStartFile(folder).values.DP_PORT, '27751');
  t.regex(readStartFile(folder).problems[0]!.message, /UTF-16, which systemd cannot read/);
  t.is(editedStartFile(folder, new Map([['DP_LISTEN', '::1']])), 'DP_PORT=27751\r\nDP_LISTEN=::1\n');

  for (const text of ['DP_LOCAL_HOST=caf\xe9', 'DP_PORT=1\0', 'DP_PORT=1\rDP_SECURE=true\r']) {
    writeFileSync(file, Buffer.from(text, 'latin1'));
    t.throws(() => readStartFile(folder), {
      message: /cannot parse the start options .*serve\.env: line 1/,
    });
    t.throws(() => editedStartFile(folder, new Map()), { message: /line 1/ });
  }
});
