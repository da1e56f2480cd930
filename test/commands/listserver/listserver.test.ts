import test from 'ava';
import ConfigSet from '../../../src/commands/config/set.js';
import ListserverAdd from '../../../src/commands/listserver/add.js';
import ListserverList from '../../../src/commands/listserver/list.js';
import ListserverRemove from '../../../src/commands/listserver/remove.js';
import { runCommand } from '../../helpers/run-command.js';
import { databaseFlags } from '../../helpers/set-up.js';

const url = 'https://drawpile.net/api/listing/';

test('a list server is allowed and no longer allowed', async (t) => {
  const where = await databaseFlags(t);
  const add = await runCommand(ListserverAdd, [url, ...where]);
  t.is(add.status, 0);
  t.regex(add.stderr, /announceWhitelist true/);
  await runCommand(ConfigSet, ['announceWhitelist', 'true', ...where]);
  const list = await runCommand(ListserverList, where);
  t.is(list.stdout, 'regular expression\n^https://drawpile\\.net/api/listing/\n');
  t.is(list.stderr, '');
  t.regex(
    (await runCommand(ListserverRemove, [url, ...where])).stderr,
    /sessions cannot be announced anywhere/,
  );
  t.deepEqual((await runCommand(ListserverList, ['--json', ...where])).json(), {
    isEnabled: true,
    entries: 'patterns',
    list: [],
  });
});

test('what is no address, and an expression that is none, are refused', async (t) => {
  const where = await databaseFlags(t);
  t.is((await runCommand(ListserverAdd, ['drawpile', ...where])).status, 2);
  t.is((await runCommand(ListserverAdd, ['(', '--pattern', ...where])).status, 2);
});
