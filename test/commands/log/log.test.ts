import test from 'ava';
import Log from '../../../src/commands/log/index.js';
import LogPurge from '../../../src/commands/log/purge.js';
import type { LogEntry } from '../../../src/lib/core/session/needs.js';
import { runCommand } from '../../helpers/run-command.js';
import { databaseFlags, fileFlags } from '../../helpers/set-up.js';

const day = Date.UTC(2026, 0, 10);
const log: LogEntry[] = [
  {
    time: day,
    level: 'info',
    topic: 'Join',
    user: { id: 1, ip: '10.0.0.1', name: 'Alice' },
    session: 's1',
    message: 'Joined session',
  },
  {
    time: day + 1000,
    level: 'warn',
    topic: 'Kick',
    user: { id: 2, ip: '10.0.0.2', name: 'bob;x' },
    session: 's2',
    message: 'Kicked, "really"',
  },
  { time: day + 86_400_000, level: 'error', topic: 'Status', message: 'Disk is full' },
];

const messages = async (t: Parameters<typeof databaseFlags>[0], ...flags: string[]) => {
  const ran = await runCommand(Log, ['--json', ...flags, ...(await databaseFlags(t, log))]);
  return ran.json<{ message: string }[]>().map(({ message }) => message);
};

test('all entries, oldest first, as a table', async (t) => {
  const ran = await runCommand(Log, await databaseFlags(t, log));
  t.is(
    ran.stdout,
    [
      'timestamp             level  topic   ip        username  session  message',
      '2026-01-10T00:00:00Z  Info   Join    10.0.0.1  Alice     s1       Joined session',
      '2026-01-10T00:00:01Z  Warn   Kick    10.0.0.2  bob;x     s2       Kicked, "really"',
      '2026-01-11T00:00:00Z  Error  Status                               Disk is full\n',
    ].join('\n'),
  );
});

const filter = test.macro(async (t, flags: string[], expected: string[]) => {
  t.deepEqual(await messages(t, ...flags), expected);
});
test('by user, any case', filter, ['--user', 'alice'], ['Joined session']);
test('by several users', filter, ['--user', 'alice,BOB;x'], ['Joined session', 'Kicked, "really"']);
test('by address', filter, ['--address', '10.0.0.2'], ['Kicked, "really"']);
test('by address in another form', filter, ['--ip', '::ffff:10.0.0.2'], ['Kicked, "really"']);
test('by session', filter, ['--session', 'S1'], ['Joined session']);
test('by topic, any case', filter, ['--topic', 'kick,status'], ['Kicked, "really"', 'Disk is full']);
test('by level', filter, ['--level', 'warn'], ['Kicked, "really"', 'Disk is full']);
test('by text', filter, ['--contains', 'disk'], ['Disk is full']);
test('after a day', filter, ['--after', '2026-01-11'], ['Disk is full']);
test('before a moment', filter, ['--before', '2026-01-10 00:00:01'], ['Joined session']);
test('the newest ones', filter, ['--limit', '1'], ['Disk is full']);
test('nothing fits', filter, ['--user', 'alice', '--level', 'error'], []);

test('CSV, with chosen columns', async (t) => {
  const ran = await runCommand(Log, [
    '--csv',
    '--columns',
    'username,message',
    ...(await databaseFlags(t, log)),
  ]);
  t.is(ran.stdout, 'username,message\nAlice,Joined session\nbob;x,"Kicked, ""really"""\n,Disk is full\n');
});

test('an unknown column or topic is a usage error with what there is', async (t) => {
  const where = await databaseFlags(t);
  t.is((await runCommand(Log, ['--columns', 'what', ...where])).status, 2);
  const topic = await runCommand(Log, ['--topic', 'Joins', ...where]);
  t.is(topic.status, 2);
  t.regex(topic.stderr, /did you mean 'Join'/);
});

test('a settings file keeps no log', async (t) => {
  const ran = await runCommand(Log, fileFlags(t));
  t.is(ran.status, 5);
  t.regex(ran.stderr, /--database/);
});

test('old entries are purged, a dry run counts them', async (t) => {
  const where = await databaseFlags(t, log);
  const dry = await runCommand(LogPurge, ['--before', '2026-01-11', '--dry-run', ...where]);
  t.is(dry.stdout, 'Dry run: 2 entries from before 2026-01-11 00:00:00 UTC would be deleted.\n');
  t.is((await runCommand(LogPurge, ['--before', '2026-01-11', ...where])).stdout, '2 deleted.\n');
  t.is((await runCommand(Log, ['--json', ...where])).json<unknown[]>().length, 1);
});
