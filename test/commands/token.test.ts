// `dp token` and `dp login` on the data of a server that does not run.
import test from 'ava';
import LoginEnd from '../../src/commands/login/end.js';
import LoginLink from '../../src/commands/login/link.js';
import LoginList from '../../src/commands/login/list.js';
import TokenCreate from '../../src/commands/token/create.js';
import TokenList from '../../src/commands/token/list.js';
import TokenRevoke from '../../src/commands/token/revoke.js';
import { runCommand } from '../helpers/run-command.js';
import { databaseFlags, fileFlags } from '../helpers/set-up.js';

test('a token is created, listed and revoked; only its secret goes to stdout', async (t) => {
  const flags = await databaseFlags(t);
  const created = await runCommand(TokenCreate, ['dashboard', ...flags]);
  t.regex(created.stdout, /^dp_[\w-]{43}\n$/);
  t.regex(
    created.stderr,
    /^Token 'dashboard' created; its role is observer, it expires \d{4}-\d\d-\d\d .*\.\n$/,
  );
  await runCommand(TokenCreate, ['bot', '--role', 'administrator', '--expires', 'never', ...flags]);
  const listed = await runCommand(TokenList, flags);
  t.regex(
    listed.stdout,
    /^name +role +created +expires +last used +from\ndashboard +observer .* never *\nbot +administrator .* never +never *\n$/,
  );
  const taken = await runCommand(TokenCreate, ['bot', ...flags]);
  t.regex(taken.stderr, /there is already a token 'bot'/);
  const revoked = await runCommand(TokenRevoke, ['bot', ...flags]);
  t.is(revoked.stderr, "Token 'bot' revoked.\n");
  const gone = await runCommand(TokenRevoke, ['bot', ...flags]);
  t.regex(gone.stderr, /there is no token 'bot'/);
  t.deepEqual(
    (await runCommand(TokenList, ['--json', ...flags])).json<{ name: string }[]>().map(({ name }) => name),
    ['dashboard'],
  );
});

test('an expiry in the past and a name of blanks are refused', async (t) => {
  const flags = await databaseFlags(t);
  t.regex((await runCommand(TokenCreate, ['x', '--expires', '2020-01-01', ...flags])).stderr, /past/);
  t.regex((await runCommand(TokenCreate, ['a b', ...flags])).stderr, /cannot be the name of a token/);
});

test('logins: none yet, a link, and what is to end has to be said', async (t) => {
  const flags = await databaseFlags(t);
  t.is((await runCommand(LoginList, flags)).stderr, 'No logins.\n');
  t.regex((await runCommand(LoginLink, flags)).stdout, /^\/admin\/#link=[\w-]{43}\n$/);
  t.regex((await runCommand(LoginEnd, flags)).stderr, /say which logins are to end/);
  t.regex((await runCommand(LoginEnd, ['3', '--all', ...flags])).stderr, /say which logins are to end/);
  t.is((await runCommand(LoginEnd, ['--all', ...flags])).stderr, '0 logins ended.\n');
  t.regex((await runCommand(LoginEnd, ['3', ...flags])).stderr, /there is no login 3/);
});

test('a settings file keeps none: said with what to do', async (t) => {
  t.regex(
    (await runCommand(TokenList, fileFlags(t))).stderr,
    /a settings file contains no tokens and logins/,
  );
});
