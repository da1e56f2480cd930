import test from 'ava';
import Completion from '../../src/commands/completion.js';
import { runCommand } from '../helpers/run-command.js';

test('fish: a script', async (t) => {
  const ran = await runCommand(Completion, ['fish']);
  t.is(ran.status, 0);
  t.true(ran.stdout.includes("complete -c dp -n '__dp_exactly \\'user\\'' -a 'add' -d 'Add an account.'"));
});

test('another shell is a usage error', async (t) => {
  t.is((await runCommand(Completion, ['tcsh'])).status, 2);
});
