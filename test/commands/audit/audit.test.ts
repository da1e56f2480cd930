// `dp audit`: every change of the data is in it, and it is found by everything that it has.
import test, { type ExecutionContext } from 'ava';
import Audit from '../../../src/commands/audit/index.js';
import AuditPurge from '../../../src/commands/audit/purge.js';
import BanIp from '../../../src/commands/ban/ip.js';
import ConfigSet from '../../../src/commands/config/set.js';
import UserAdd from '../../../src/commands/user/add.js';
import UserRemove from '../../../src/commands/user/remove.js';
import type { Change } from '../../../src/lib/core/session/change.js';
import { ConfigDatabase } from '../../../src/lib/io/sqlite/config-database.js';
import { runCommand } from '../../helpers/run-command.js';
import { databaseFlags, fileFlags } from '../../helpers/set-up.js';

const day = Date.UTC(2026, 0, 10);
const changes: Change[] = [
  {
    when: day,
    actor: { kind: 'operator', name: 'Alice' },
    address: '192.0.2.1',
    what: 'session.kick',
    on: { kind: 'user', name: 'bob', session: '01m8' },
    after: { reason: 'spam' },
  },
  {
    when: day + 86_400_000,
    actor: { kind: 'administrator', name: '' },
    address: '',
    what: 'config.change',
    on: { kind: 'settings', name: 'serverTitle' },
    before: { serverTitle: 'Old' },
    after: { serverTitle: '\u001b[31mNew\u202e' },
  },
];

async function withChanges(t: ExecutionContext): Promise<string[]> {
  const flags = await databaseFlags(t);
  const database = await ConfigDatabase.open(flags[1]!, { role: 'command' });
  database.audit.append(changes);
  database.close();
  return flags;
}

test('changes as a table, oldest first; what a terminal would act on is escaped', async (t) => {
  const { stdout } = await runCommand(Audit, await withChanges(t));
  t.regex(stdout, /^time +by +from +what +on +session +change$/m);
  const [kick, set] = stdout.trimEnd().split('\n').slice(1);
  t.regex(
    kick!,
    /^2026-01-10 00:00:00 +Alice \(operator\) +192\.0\.2\.1 +session\.kick +User 'bob' +01m8 +reason "spam"/,
  );
  t.regex(
    set!,
    /^2026-01-11 00:00:00 +administrator +config\.change +Settings serverTitle +serverTitle "Old" to "/,
  );
  for (const escaped of ['\u001b', '\u202e']) t.false(stdout.includes(escaped));
});

const filter = test.macro(async (t, flags: string[], expected: string[]) => {
  const ran = await runCommand(Audit, ['--json', ...flags, ...(await withChanges(t))]);
  t.deepEqual(
    ran.json<{ what: string }[]>().map(({ what }) => what),
    expected,
  );
});
const [kick, set] = ['session.kick', 'config.change'] as const;
test('by name, any case', filter, ['--by', 'alice'], [kick]);
test('by kind of actor', filter, ['--by', 'administrator,rule'], [set]);
test('by address in another form', filter, ['--ip', '::ffff:192.0.2.1'], [kick]);
test('by area', filter, ['--what', 'config'], [set]);
test('by kind', filter, ['--what', 'session.kick,session.ban'], [kick]);
test('by what was changed', filter, ['--on', 'servertitle'], [set]);
test('by session', filter, ['--session', '01M8'], [kick]);
test('by value', filter, ['--contains', 'SPAM'], [kick]);
test('after a day', filter, ['--after', '2026-01-11'], [set]);
test('before a moment', filter, ['--before', '2026-01-10 00:00:01'], [kick]);
test('the newest ones', filter, ['--limit', '1'], [set]);

test('one JSON object per line, in full', async (t) => {
  const { stdout } = await runCommand(Audit, ['--jsonl', '--all', ...(await withChanges(t))]);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.is(lines.length, 2);
  t.like(lines[0], { when: '2026-01-10 00:00:00', what: 'session.kick', after: { reason: 'spam' } });
  t.deepEqual(lines[1].after, { serverTitle: '\u001b[31mNew\u202e' });
});

test('what commands change in the data is in the trail, passwords are not', async (t) => {
  const flags = await databaseFlags(t);
  await runCommand(UserAdd, ['alice', '--host', '--generate', ...flags]);
  await runCommand(ConfigSet, ['serverTitle=Hi', ...flags]);
  await runCommand(ConfigSet, ['reporttoken=token-of-the-report-server', ...flags]);
  await runCommand(BanIp, ['192.0.2.7', '--reason', 'spam', ...flags]);
  await runCommand(UserRemove, ['alice', '--yes', ...flags]);
  const ran = await runCommand(Audit, ['--json', ...flags]);
  const entries = ran.json<{ what: string; on: { name: string } }[]>();
  t.deepEqual(
    entries.map(({ what, on }) => `${what} ${on.name}`),
    [
      'user.add alice',
      'config.change serverTitle',
      'config.change reporttoken',
      'ban.add ip:1',
      'user.remove alice',
    ],
  );
  t.notRegex(ran.stdout, /argon2|token-of|\$/);
});

test('old entries are purged, after a prompt or --yes, and the purge is an entry itself', async (t) => {
  const flags = await withChanges(t);
  const dry = await runCommand(AuditPurge, ['--before', '2026-01-11', '--dry-run', ...flags]);
  t.is(dry.stdout, 'Dry run: 1 entry from before 2026-01-11 00:00:00 UTC would be deleted.\n');
  await runCommand(AuditPurge, ['--before', '2026-01-11', '--yes', ...flags]);
  const left = (await runCommand(Audit, ['--json', ...flags])).json<{ what: string }[]>();
  t.deepEqual(
    left.map(({ what }) => what),
    ['config.change', 'audit.purge'],
  );
});

test('a settings file has none: said with what to do', async (t) => {
  const ran = await runCommand(Audit, fileFlags(t));
  t.regex(ran.stderr, /a settings file contains no audit trail/);
  t.regex(ran.stderr, /hint: .*database/);
});

test('an address that is none is refused', async (t) => {
  const ran = await runCommand(Audit, ['--address', 'here', ...(await withChanges(t))]);
  t.regex(ran.stderr, /here/);
});
