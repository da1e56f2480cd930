// The real program: bin/run.js, its hooks and plugins.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import { type UsageFacts, usageOf } from '../../src/lib/cli/usage.js';
import { ConfigDatabase } from '../../src/lib/io/sqlite/config-database.js';
import { binary, runBinary } from '../helpers/run-binary.js';
import { databaseFlags, fileFlags } from '../helpers/set-up.js';
import { tempFolder } from '../helpers/temp-folder.js';

test('versions: program, protocol, Node', async (t) => {
  const { stdout, status } = await runBinary(['--version']);
  t.is(status, 0);
  t.regex(stdout, /^dp \d+\.\d+\.\d+\nProtocol version: 25\.1\nNode\.js version: v\d+/);
});

test('what get tells and with which status a script can rely on', async (t) => {
  const where = fileFlags(t, 'sessionCountLimit = 7\n');
  t.deepEqual(await runBinary(['config', 'get', 'sessionCountLimit', ...where]), {
    status: 0,
    stdout: '7\n',
    stderr: '',
  });
  const refused = await runBinary(['config', 'get', 'sessionCountLimt', ...where]);
  t.is(refused.status, 2);
  t.is(refused.stdout, '');
  t.is(
    refused.stderr,
    "error: there is no setting 'sessionCountLimt'\nhint: did you mean 'sessionCountLimit'?\n",
  );
});

test('a password over standard input', async (t) => {
  const where = await databaseFlags(t);
  const added = await runBinary(['user', 'add', 'alice', '--mod', '--password-stdin', ...where], {
    stdin: 'pw\n',
  });
  t.is(added.status, 0);
  const listed = await runBinary(['user', 'list', '--json', ...where]);
  t.like(JSON.parse(listed.stdout), [{ name: 'alice', flags: ['MOD'], password: 'argon2id' }]);
});

test('a check that finds problems ends with 7', async (t) => {
  const [, file] = fileFlags(t, 'nonsense = 1\n');
  t.is((await runBinary(['config', 'check', file])).status, 7);
});

test('an unknown command is a usage error with the one that was meant', async (t) => {
  const ran = await runBinary(['confgi', 'get']);
  t.is(ran.status, 2);
  t.regex(ran.stderr, /error: there is no command 'confgi get'\nhint: did you mean 'dp config get'\?/);
  t.is((await runBinary(['xyzzy'])).status, 2);
});

test('a command that ends before it is done says so, and fails', async (t) => {
  const preload = join(tempFolder(t), 'never.cjs');
  const core = createRequire(import.meta.url).resolve('@oclif/core/execute');
  writeFileSync(preload, `require(${JSON.stringify(core)}).execute = () => new Promise(() => {});`);
  const ran = await runBinary(['status'], { env: { NODE_OPTIONS: `--require ${preload}` } });
  t.is(ran.status, 1);
  t.regex(ran.stderr, /^error: internal error: the command ended before it was done\nhint: report it/);
});

test('a shortened command or topic is named', async (t) => {
  for (const [typed, meant] of [
    ['sess', 'dp session'],
    ['sess lis', 'dp session list'],
    ['arch', 'dp archive'],
    ['backpu', 'dp backup'],
    ['temp val', 'dp template validate'],
    ['doc', 'dp doctor'],
  ] as const) {
    const ran = await runBinary(typed.split(' '));
    t.is(ran.status, 2);
    t.true(ran.stderr.includes(`did you mean '${meant}'?`), `${typed}: ${ran.stderr}`);
  }
});

test('--help-all is the help with every command in it', async (t) => {
  const { status, stdout } = await runBinary(['--help-all']);
  t.is(status, 0);
  t.regex(stdout, /USAGE/);
  for (const name of ['session list', 'serve', 'backup restore'])
    t.regex(stdout, new RegExp(`^ +${name} `, 'm'));
});

test('usage lines say which flags exclude each other, for every command', async (t) => {
  const { stdout } = await runBinary(['session', 'kick', '--help']);
  t.regex(
    stdout.replaceAll(/\s+/g, ' '),
    /\[-c FILE \| -d FILE \| --server URL\|NAME\]|\[-d FILE \| -c FILE \| --server URL\|NAME\]/,
  );
  const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as {
    commands: Record<string, UsageFacts>;
  };
  for (const command of Object.values(commands)) {
    const usage = usageOf(command);
    t.notRegex(usage, /\| *\||\[ *\||\| *\]|\[\]/, usage);
    for (const flag of Object.values(command.flags ?? {})) {
      if (flag.hidden) continue;
      const word = flag.char ? `-${flag.char}` : `--${flag.allowNo ? '[no-]' : ''}${flag.name}`;
      t.true(usage.includes(word), `${word} in ${usage}`);
    }
  }
});

test('every topic has a text of its own', (t) => {
  const { oclif } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    oclif: { topics: Record<string, { description?: string; hidden?: boolean }> };
  };
  const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8')) as {
    commands: Record<string, { hidden?: boolean; summary?: string }>;
  };
  const topics = new Set(
    Object.keys(commands).flatMap((id) => (id.includes(':') ? [id.split(':')[0]!] : [])),
  );
  const summaries = Object.values(commands).map(({ summary }) => summary);
  for (const topic of topics) {
    if (oclif.topics[topic]?.hidden) continue;
    const { description } = oclif.topics[topic] ?? {};
    t.truthy(description, topic);
    t.false(summaries.includes(description), topic);
  }
});

test('a mistyped flag is a usage error with the one that was meant', async (t) => {
  const ran = await runBinary(['ban', 'ip', '10.0.0.1', '--expire', '7d']);
  t.is(ran.status, 2);
  t.regex(ran.stderr, /--expires/);
});

test('what is no whole number is a usage error that says what is expected, for flags and for arguments', async (t) => {
  for (const [typed, problem] of [
    ['login end abc', "invalid value 'abc': expected a whole number"],
    ['extban disable 1e3', "invalid value '1e3': expected a whole number"],
    ['extban enable 0x1', "invalid value '0x1': expected a whole number"],
    ['audit -n 1.5', "invalid value '1.5' for --limit: expected a whole number"],
    ['cert create a --days 0', "invalid value '0' for --days: expected a whole number from 1 on"],
  ] as const) {
    const ran = await runBinary(typed.split(' '));
    t.is(ran.status, 2, typed);
    t.true(ran.stderr.startsWith(`error: ${problem}\nhint: try: dp `), `${typed}: ${ran.stderr}`);
  }
});

test('help has usage and examples', async (t) => {
  const { stdout, status } = await runBinary(['ban', 'ip', '--help']);
  t.is(status, 0);
  t.regex(stdout, /USAGE\n {2}\$ dp ban ip ADDRESS/);
  t.regex(stdout, /EXAMPLES\n {2}\$ dp ban ip 192\.0\.2\.7/);
});

test('the log is followed as it is written by another process', async (t) => {
  const where = await databaseFlags(t, [{ time: 0, level: 'info', topic: 'Status', message: 'before' }]);
  const child = spawn(process.execPath, [binary, 'log', '--follow', '--json', '--topic', 'Join', ...where]);
  t.teardown(() => child.kill());
  const database = await ConfigDatabase.open(where[1]!, { role: 'command' });
  t.teardown(() => database.close());
  const lines = createInterface({ input: child.stdout });
  const next = once(lines, 'line') as Promise<[string]>;
  database.log.append([
    { time: 1000, level: 'info', topic: 'Leave', message: 'not asked for' },
    {
      time: 2000,
      level: 'info',
      topic: 'Join',
      user: { id: 1, ip: '::1', name: 'alice' },
      message: 'Joined session',
    },
  ]);
  t.deepEqual(JSON.parse((await next)[0]), {
    id: 3,
    time: 2000,
    level: 'info',
    topic: 'Join',
    user: { id: 1, ip: '::1', name: 'alice' },
    message: 'Joined session',
  });
});

test('completion for fish offers topics, commands and flags', async (t) => {
  const { stdout, status } = await runBinary(['completion', 'fish']);
  t.is(status, 0);
  for (const line of [
    "complete -c dp -n '__dp_exactly \\'\\'' -a 'config' -d 'Read and change the settings of a server'",
    "complete -c dp -n '__dp_exactly \\'ban\\'' -a 'ip' -d 'Ban an IP address or a subnet'",
    "complete -c dp -n '__dp_at \\'ban ip\\'' -l expires -x",
    "complete -c dp -n '__dp_at \\'ban list\\'' -l kind -x -a 'ip client user'",
  ]) {
    t.true(stdout.includes(line), line);
  }
});

test('a short command loads none of the heavy packages', async (t) => {
  const folder = tempFolder(t);
  const preload = join(folder, 'preload.cjs');
  const list = join(folder, 'list.json');
  writeFileSync(
    preload,
    `process.on('exit', () => require('fs').writeFileSync(process.env.LIST, JSON.stringify(Object.keys(require.cache))));`,
  );
  const where = fileFlags(t, 'sessionCountLimit = 7\n');
  const { stdout } = await runBinary(['config', 'get', 'sessionCountLimit', ...where], {
    env: { LIST: list, NODE_OPTIONS: `--require ${preload}` },
  });
  t.is(stdout, '7\n');
  const loaded = JSON.parse(readFileSync(list, 'utf8')) as string[];
  t.true(loaded.some((file) => file.includes('@oclif/core/lib/command.js')));
  const heavy = /inquirer|cli-table3|better-sqlite3|fastify|argon2|@oclif\/core\/lib\/index\.js/;
  t.deepEqual(
    loaded.filter((file) => heavy.test(file)),
    [],
  );
});
