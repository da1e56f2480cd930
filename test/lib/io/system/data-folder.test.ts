import test from 'ava';
import { dataFolder } from '../../../../src/lib/io/system/data-folder.js';

const row = test.macro((t, surroundings: Parameters<typeof dataFolder>[0], folder: string) => {
  t.is(dataFolder(surroundings), folder);
});

test('a person', row, { env: {}, uid: 1000, home: '/home/a' }, '/home/a/.local/share/dp');
test(
  'a person with XDG_DATA_HOME',
  row,
  { env: { XDG_DATA_HOME: '/x' }, uid: 1000, home: '/home/a' },
  '/x/dp',
);
test(
  'a relative XDG_DATA_HOME is ignored',
  row,
  { env: { XDG_DATA_HOME: 'x' }, uid: 1000, home: '/h' },
  '/h/.local/share/dp',
);
test('root', row, { env: { XDG_DATA_HOME: '/x' }, uid: 0, home: '/root' }, '/var/lib/dp');
test('a system user', row, { env: {}, uid: 101, home: '/nonexistent' }, '/var/lib/dp');
test('DP_DATA goes first', row, { env: { DP_DATA: '/d', XDG_DATA_HOME: '/x' }, uid: 0, home: '/root' }, '/d');
