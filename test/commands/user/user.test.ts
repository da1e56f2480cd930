import { readFileSync } from 'node:fs';
import test from 'ava';
import UserAdd from '../../../src/commands/user/add.js';
import UserList from '../../../src/commands/user/list.js';
import UserPasswd from '../../../src/commands/user/passwd.js';
import UserRemove from '../../../src/commands/user/remove.js';
import UserRename from '../../../src/commands/user/rename.js';
import UserSet from '../../../src/commands/user/set.js';
import UserShow from '../../../src/commands/user/show.js';
import { openAdmin } from '../../../src/lib/cli/open-admin.js';
import { runCommand } from '../../helpers/run-command.js';
import { databaseFlags, fileFlags } from '../../helpers/set-up.js';

async function login(database: string, name: string, password: string) {
  const admin = await openAdmin({ database, env: {} });
  try {
    return await admin.run('user.login', { name, password });
  } finally {
    await admin.close();
  }
}

test('an account is added with a password from standard input, and can log in', async (t) => {
  const where = await databaseFlags(t);
  const ran = await runCommand(
    UserAdd,
    ['alice', '--mod', '--flag', 'x-team', '--password-stdin', ...where],
    {
      stdin: 'pass word \r\nanother line\n',
    },
  );
  t.deepEqual([ran.status, ran.stdout, ran.stderr], [0, '', "Account 'alice' added.\n"]);
  t.is(await login(where[1]!, 'alice', 'pass word '), 'ok');
  const list = await runCommand(UserList, where);
  t.is(list.stdout, 'id  name   flags       locked  password\n 1  alice  MOD X-TEAM          argon2id\n');
});

test('a made-up password is printed and nothing else is, so that a script can take it', async (t) => {
  const where = await databaseFlags(t);
  const ran = await runCommand(UserAdd, ['bob', '--generate', '--pbkdf2', ...where]);
  t.regex(ran.stdout, /^[A-Za-z0-9]{20}\n$/);
  t.is(await login(where[1]!, 'bob', ran.stdout.trim()), 'ok');
  const again = await runCommand(UserPasswd, ['bob', '--generate', '--json', ...where]);
  t.is(await login(where[1]!, 'bob', again.json<{ generated: string }>().generated), 'ok');
  t.is(await login(where[1]!, 'bob', ran.stdout.trim()), 'wrong');
});

test('nobody at the terminal: the flags that help are named', async (t) => {
  const ran = await runCommand(UserAdd, ['alice', ...(await databaseFlags(t))]);
  t.is(ran.status, 2);
  t.regex(ran.stderr, /--password-stdin.*--generate/);
});

test('a name that is taken is a conflict', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(UserAdd, ['alice', '--generate', ...where]);
  const ran = await runCommand(UserAdd, ['alice', '--generate', ...where]);
  t.is(ran.status, 6);
});

test('a name that no account can have, or one has, is refused before anybody is asked for a password', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(UserAdd, ['alice', '--generate', ...where]);
  const impossible = await runCommand(UserAdd, ['a"b', ...where]);
  t.is(impossible.status, 2);
  t.regex(impossible.stderr, /a"b/);
  t.notRegex(impossible.stderr, /--password-stdin/);
  const taken = await runCommand(UserAdd, ['alice', ...where]);
  t.is(taken.status, 6);
  t.notRegex(taken.stderr, /--password-stdin/);
});

test('rights and lock change, and show tells them', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(UserAdd, ['alice', '--host', '--generate', ...where]);
  const set = await runCommand(UserSet, ['alice', '--mod', '--no-host', '--ban-exempt', '--lock', ...where]);
  t.is(set.stdout, 'alice: MOD BANEXEMPT, locked\n');
  const show = await runCommand(UserShow, ['alice', ...where]);
  t.regex(show.stdout, /flag +MOD \(moderator/);
  t.regex(show.stdout, /locked +yes/);
  t.is(
    (await runCommand(UserSet, ['alice', '--unlock', '--flags', '', ...where])).stdout,
    'alice: no flags\n',
  );
  t.is((await runCommand(UserSet, ['alice', ...where])).status, 2);
});

test('rename keeps password and rights; remove removes', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(UserAdd, ['alice', '--mod', '--password-stdin', ...where], { stdin: 'pw\n' });
  t.is((await runCommand(UserRename, ['alice', 'Alice', ...where])).status, 0);
  t.is(await login(where[1]!, 'Alice', 'pw'), 'ok');
  t.is((await runCommand(UserRemove, ['bob', ...where])).status, 4);
  t.is((await runCommand(UserRemove, ['Alice', ...where])).status, 0);
  t.deepEqual((await runCommand(UserList, ['--json', ...where])).json(), []);
  t.regex((await runCommand(UserList, where)).stderr, /no accounts/);
});

test('accounts in a settings file', async (t) => {
  const [flag, file] = fileFlags(t, 'serverTitle = Ink\n[users]\n# staff\nbob:plain;x:HOST\n');
  await runCommand(UserAdd, ['alice', '--mod', '--password-stdin', flag, file], { stdin: 'pw\n' });
  await runCommand(UserSet, ['bob', '--lock', flag, file]);
  const text = readFileSync(file, 'utf8');
  t.true(
    text.startsWith(
      'serverTitle = Ink\n[users]\n# staff\nbob:*plain;x:HOST\nalice:sodium;$argon2id$v=19$m=65536,t=2,p=1$',
    ),
  );
  t.true(text.endsWith(':MOD\n'));
  t.is((await runCommand(UserAdd, ['a:b', '--generate', flag, file])).status, 2);
});
