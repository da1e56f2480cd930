// `dp config edit` with a "sed" for an editor.

import test from 'ava';
import ConfigEdit from '../../../src/commands/config/edit.js';
import ConfigList from '../../../src/commands/config/list.js';
import ConfigSet from '../../../src/commands/config/set.js';
import { runCommand } from '../../helpers/run-command.js';
import { databaseFlags, fileFlags } from '../../helpers/set-up.js';

const edit = (where: readonly string[], editor: string) =>
  runCommand(ConfigEdit, [...where], { env: { EDITOR: editor } });
const changed = async (where: readonly string[]) =>
  (await runCommand(ConfigList, ['--changed', '--json', ...where]))
    .json<{ name: string; value: unknown }[]>()
    .map(({ name, value }) => [name, value]);

test('what was changed in the editor is stored, what was put behind # has its default again', async (t) => {
  const where = await databaseFlags(t);
  await runCommand(ConfigSet, ['persistence=true', 'serverTitle=Old', 'reporttoken=hush', ...where]);
  const ran = await edit(
    where,
    "sed -i -e 's/^#idleTimeLimit = .*/idleTimeLimit = 3d/' -e 's/^persistence/#&/' -e 's/= Old/= New/'",
  );
  t.is(ran.status, 0, ran.stderr);
  t.is(ran.stdout, 'idleTimeLimit = 3d\nserverTitle = New\npersistence = false\n');
  t.deepEqual(await changed(where), [
    ['idleTimeLimit', 259_200],
    ['serverTitle', 'New'],
    ['reporttoken', undefined],
  ]);
});

test('a mistake and nothing is stored', async (t) => {
  const where = fileFlags(t, 'serverTitle = Old\n');
  const ran = await edit(
    where,
    "sed -i -e 's/= Old/= New/' -e 's/^#clientTimeout = .*/clientTimeout = soon/'",
  );
  t.is(ran.status, 2);
  t.regex(ran.stderr, /clientTimeout/);
  t.deepEqual(await changed(where), [['serverTitle', 'Old']]);
});

test('leaving the editor without a change changes nothing', async (t) => {
  const ran = await edit(fileFlags(t, 'serverTitle = Old\n'), 'true');
  t.deepEqual([ran.status, ran.stderr], [0, 'Nothing changed.\n']);
});

test('an editor that fails is told by its name', async (t) => {
  const ran = await edit(fileFlags(t), 'false');
  t.is(ran.status, 1);
  t.regex(ran.stderr, /the editor 'false'.*\n.*EDITOR=nano/);
});
