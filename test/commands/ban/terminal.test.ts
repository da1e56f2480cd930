// `dp ban ip` on a terminal: who may hit others is asked.

import { join } from 'node:path';
import test from 'ava';
import { openAdmin } from '../../../src/lib/cli/open-admin.js';
import { binary } from '../../helpers/run-binary.js';
import { databaseFlags } from '../../helpers/set-up.js';
import { hasTerminal, openTerminal } from '../../helpers/terminal.js';

const onTerminal = hasTerminal ? test : test.skip;

for (const [answer, count] of [
  ['n', 0],
  ['y', 1],
] as const) {
  onTerminal(`a subnet is banned only after a yes (tmux), ${answer}`, async (t) => {
    const where = await databaseFlags(t);
    const terminal = openTerminal(t, [process.execPath, binary, 'ban', 'ip', '10.0.0.0/8', ...where]);
    const screen = await terminal.shows('Ban 10.0.0.0/8?');
    t.true(screen.includes('10.0.0.0/8 covers 16,777,216 addresses, from 10.0.0.0 to 10.255.255.255.'));
    terminal.type(answer);
    terminal.press('Enter');
    await terminal.shows(/ended with \d/);
    const admin = await openAdmin({ database: join(where[1]!), env: {} });
    t.is((await admin.run('ban.list', {})).length, count);
    await admin.close();
  });
}

onTerminal('a mistyped command on a terminal (tmux): the one that was meant is offered', async (t) => {
  const where = await databaseFlags(t);
  const terminal = openTerminal(t, [process.execPath, binary, 'ban', 'lsit', ...where]);
  await terminal.shows("Did you mean 'dp ban list'?");
  terminal.type('y');
  terminal.press('Enter');
  t.truthy(await terminal.shows('There are no bans.'));
});
