import { readFileSync } from 'node:fs';
import test from 'ava';
import ConfigCheck from '../../../src/commands/config/check.js';
import ConfigGet from '../../../src/commands/config/get.js';
import ConfigList from '../../../src/commands/config/list.js';
import ConfigSet from '../../../src/commands/config/set.js';
import ConfigUnset from '../../../src/commands/config/unset.js';
import { runCommand } from '../../helpers/run-command.js';
import { databaseFlags, fileFlags } from '../../helpers/set-up.js';

test('colours in a value reach no terminal', async (t) => {
  const value = 'a\u001b[8mhidden\u001b[31m\u202e';
  for (const env of [{}, { FORCE_COLOR: '1' }]) {
    const ran = await runCommand(ConfigSet, [`serverTitle=${value}`, ...(await databaseFlags(t))], { env });
    t.is(ran.stdout, 'serverTitle = a\\u001b[8mhidden\\u001b[31m\\u202e\n');
  }
});

test('a setting that was set is what get tells, bare', async (t) => {
  const where = await databaseFlags(t);
  const set = await runCommand(ConfigSet, ['idleTimeLimit', '90m', ...where]);
  t.is(set.stderr, '');
  t.is(set.stdout, 'idleTimeLimit = 90m\n');
  const get = await runCommand(ConfigGet, ['idleTimeLimit', ...where]);
  t.deepEqual([get.stdout, get.stderr, get.status], ['90m\n', '', 0]);
  t.like((await runCommand(ConfigGet, ['idleTimeLimit', '--json', ...where])).json(), {
    name: 'idleTimeLimit',
    value: 5400,
    origin: 'database',
  });
});

test('in a settings file comments and order stay', async (t) => {
  const [flag, file] = fileFlags(t, '# mine\nserverTitle = Old\n\n[users]\na:plain;b:MOD\n');
  const set = await runCommand(ConfigSet, ['serverTitle=New name', 'persistence=true', flag, file]);
  t.is(set.stdout, 'serverTitle = New name\npersistence = true\n');
  t.is(
    readFileSync(file, 'utf8'),
    '# mine\nserverTitle = New name\npersistence = true\n\n[users]\na:plain;b:MOD\n',
  );
});

test('one bad value and nothing changes', async (t) => {
  const [flag, file] = fileFlags(t, 'serverTitle = Old\n');
  const set = await runCommand(ConfigSet, ['serverTitle=New', 'sessionCountLimit=lots', flag, file]);
  t.is(set.status, 2);
  t.regex(set.stderr, /'lots' for sessionCountLimit/);
  t.is(readFileSync(file, 'utf8'), 'serverTitle = Old\n');
});

test('a mistyped name is refused with the right one', async (t) => {
  const ran = await runCommand(ConfigSet, ['clientTimout', '5m', ...(await databaseFlags(t))]);
  t.is(ran.status, 2);
  t.regex(ran.stderr, /no setting 'clientTimout'\n.*clientTimeout/);
});

test('a name without value is a usage error', async (t) => {
  const ran = await runCommand(ConfigSet, ['serverTitle', ...(await databaseFlags(t))]);
  t.is(ran.status, 2);
  t.regex(ran.stderr, /has no value/);
});

test('unset brings the default back', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(ConfigSet, ['sessionCountLimit', '3', ...where]);
  t.is((await runCommand(ConfigUnset, ['sessionCountLimit', ...where])).stdout, 'sessionCountLimit = 25\n');
});

test('list shows what was changed and where it comes from; secrets are not shown', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(ConfigSet, ['serverTitle=Ink', 'reporttoken=hush', ...where]);
  const ran = await runCommand(ConfigList, ['--changed', '--origin', ...where]);
  t.is(
    ran.stdout,
    'setting      value     origin\nserverTitle  Ink       database\nreporttoken  (secret)  database\n',
  );
  t.false((await runCommand(ConfigList, ['--json', ...where])).stdout.includes('hush'));
});

test('check names the lines of what is wrong and ends with 7', async (t) => {
  const [, file] = fileFlags(
    t,
    'title = Ink\nidleTimeLimit = soon\nnonsense = 1\n[users]\nadmin:*plain;abc123;MOD\n',
  );
  const ran = await runCommand(ConfigCheck, [file]);
  t.is(ran.status, 7);
  for (const line of [1, 2, 3, 5]) t.true(ran.stdout.includes(`${file}:${line}: `), ran.stdout);
  const json = await runCommand(ConfigCheck, [file, '--json']);
  t.is(json.status, 7);
  t.is(json.json<unknown[]>().length, 4);
});

test('check has nothing to say of a good file or database', async (t) => {
  const [, file] = fileFlags(t, 'serverTitle = Ink\n');
  const ran = await runCommand(ConfigCheck, [file]);
  t.deepEqual([ran.status, ran.stdout], [0, `${file}: no problems\n`]);
  const [, database] = await databaseFlags(t);
  t.is((await runCommand(ConfigCheck, [database!])).status, 0);
});

test('--database and --config cannot be combined', async (t) => {
  const ran = await runCommand(ConfigGet, ['serverTitle', '--database', 'a', '--config', 'b']);
  t.is(ran.status, 2);
});

test('a variable of the environment wins over what is stored, and set says so', async (t) => {
  const where = await databaseFlags(t);
  const options = { env: { DP_SESSION_COUNT_LIMIT: '3' } };
  const set = await runCommand(ConfigSet, ['sessionCountLimit', '9', ...where], options);
  t.is(set.stdout, 'sessionCountLimit = 9\n');
  t.regex(set.stderr, /DP_SESSION_COUNT_LIMIT in the environment overrides the stored value/);
  const get = await runCommand(ConfigGet, ['sessionCountLimit', '--json', ...where], options);
  t.like(get.json(), { value: 3, origin: 'environment' });
  t.is((await runCommand(ConfigGet, ['sessionCountLimit', ...where])).stdout, '9\n');
});
