// What --json prints is the output of an operation, as its row describes it; and what administrators can do has a
// command, or a reason why not.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Config } from '@oclif/core';
import test from 'ava';
import { answerProblem } from '../../src/lib/admin/check-shape.js';
import { loadOperations, type OperationName } from '../../src/lib/admin/operations.js';
import { AdminCommand } from '../../src/lib/cli/admin-command.js';
import type { BaseCommand } from '../../src/lib/cli/base-command.js';
import { jsonPage } from '../../src/lib/cli/json-page.js';
import { startAdminServer } from '../helpers/admin-server.js';
import { Client } from '../helpers/client.js';
import { startFilesServer } from '../helpers/files-server.js';
import { runCommand } from '../helpers/run-command.js';
import { tempFolder } from '../helpers/temp-folder.js';

const operations = await loadOperations();
type CommandClass = (new (
  argv: string[],
  config: Config,
) => BaseCommand) & {
  id: string;
  answers: typeof AdminCommand.answers;
  ownAnswers: typeof AdminCommand.ownAnswers;
  enableJsonFlag: boolean;
};

const folder = '.build/src/commands';
const commands = new Map<string, CommandClass>();
for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
  if (!file.endsWith('.js')) continue;
  const { default: command } = (await import(pathToFileURL(path.resolve(folder, file)).href)) as {
    default: CommandClass;
  };
  if (!(command.prototype instanceof AdminCommand)) continue;
  const id = file
    .slice(0, -'.js'.length)
    .replace(/\/index$/, '')
    .replaceAll('/', ' ');
  command.id = id.replaceAll(' ', ':');
  commands.set(id, command);
}

test('every command for administrators says what it prints with --json', (t) => {
  const silent = [...commands].filter(
    ([, { answers, ownAnswers, enableJsonFlag }]) =>
      enableJsonFlag && Object.keys(answers).length === 0 && Object.keys(ownAnswers).length === 0,
  );
  t.deepEqual(
    silent.map(([name]) => name),
    [],
  );
  t.deepEqual(
    [...commands].filter(([, { enableJsonFlag }]) => !enableJsonFlag).map(([name]) => name),
    ['gui'],
    'the app itself',
  );
});

test('docs/reference/json.md is what "npm run man" would write now', (t) => {
  const printing = new Map([...commands].filter(([, { enableJsonFlag }]) => enableJsonFlag));
  t.is(readFileSync('docs/reference/json.md', 'utf8'), jsonPage(printing), 'run "npm run man"');
});

/** Operations that no command needs, and why. */
const withoutCommand: Partial<Record<OperationName, string>> = {
  'user.login': 'for programs that ask for passwords; people log in',
  'session.verify': 'for programs that ask for passwords; people join',
  'online.get': 'dp user list --online and dp session users show everybody',
  'chat.open':
    'a conversation of web interfaces of the original; dp session chat talks with chat.recent and events',
  'chat.say': 'see chat.open',
  'chat.read': 'see chat.open',
  'chat.close': 'see chat.open',
  'thumbnail.get': 'a picture for web interfaces; dp session export and dp rec render make one of any size',
  'thumbnail.request': 'see thumbnail.get',
  'thumbnail.cancel': 'see thumbnail.get',
  'thumbnail.remove': 'see thumbnail.get',
  'listserver.replace': 'dp listserver add and remove',
  'config.contradictions': 'dp doctor shows them, with what it finds on the machine',
};

test('every operation has a command, or a reason why it has none', (t) => {
  const sources = ['src/commands', 'src/lib/cli'].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(path.join(root, file), 'utf8')),
  );
  const isRun = (name: string) => sources.some((source) => new RegExp(`run\\(\\s*'${name}'`).test(source));
  t.deepEqual(
    (Object.keys(operations) as OperationName[]).filter((name) => !isRun(name) && !(name in withoutCommand)),
    [],
  );
  for (const name of Object.keys(withoutCommand)) t.true(name in operations, name);
});

/** How each command is run, one after the other on one server, from the first to the last. */
const runs: readonly (readonly [command: string, ...argv: string[]])[] = [
  ['status'],
  ['cert status'],
  ['status', '--hour'],
  ['top', '--once'],
  ['config list'],
  ['config get', 'idleTimeLimit'],
  ['config set', 'serverTitle=Ink'],
  ['config unset', 'serverTitle'],
  ['config check'],
  ['config edit'],
  ['user add', 'anna', '--generate', '--pbkdf2'],
  ['user add', 'olga', '--generate', '--pbkdf2', '--mod'],
  ['user passwd', 'anna', '--generate', '--pbkdf2'],
  ['user set', 'anna', '--host'],
  ['user reset', 'anna'],
  ['user show', 'anna'],
  ['user list'],
  ['user list', '--online'],
  ['user rename', 'olga', 'olha'],
  ['user remove', 'olha', '--yes'],
  ['user find', 'gus'],
  ['note add', 'name', 'gus', 'friendly'],
  ['note list', 'gus'],
  ['note delete', '1'],
  ['ban ip', '192.0.2.7', '--dry-run'],
  ['ban ip', '192.0.2.7', '--yes'],
  ['ban client', '0123456789abcdef0123456789abcdef'],
  ['ban user', '4711'],
  ['ban list'],
  ['ban edit', 'ip:1', '--comment', 'spam'],
  ['ban explain', '192.0.2.7'],
  ['ban auto', '--dry-run'],
  ['ban export', 'FOLDER/bans.csv'],
  ['ban import', 'FOLDER/bans.csv', '--dry-run'],
  ['ban remove', 'ip:1'],
  ['listserver add', 'https://list.example/'],
  ['listserver list'],
  ['listserver remove', 'https://list.example/'],
  ['log write', 'Backup done'],
  ['log'],
  ['log purge', '--before', '2020-01-01', '--dry-run'],
  ['log purge', '--before', '2020-01-01', '--yes'],
  ['audit'],
  ['audit purge', '--before', '2020-01-01', '--yes'],
  ['report list'],
  ['report show', '1'],
  ['report close', '1', '--comment', 'banned'],
  ['report reopen', '1'],
  ['file list'],
  ['file get', 'template/doodles.dptxt', 'FOLDER/doodles.dptxt'],
  ['file add', 'FOLDER/doodles.dptxt', '--force'],
  ['file backup'],
  ['file delete', 'template/doodles.dptxt', '--yes'],
  ['session create', '--title', 'Empty', '--size', '640x480', '--alias', 'empty'],
  ['session list'],
  ['session problems'],
  ['session show', 'room'],
  ['session users', 'room'],
  ['session set', 'room', 'title=Inks'],
  ['session message', 'room', 'hello'],
  ['session op', 'room', 'gus'],
  ['session trust', 'room', 'gus'],
  ['session mute', 'room', 'gus'],
  ['session invite', 'room'],
  ['session invites', 'room'],
  ['session record', 'room', '--start'],
  ['session record', 'room'],
  ['session ping', 'room'],
  ['session reset', 'room'],
  ['session list', '--sessions', 'test/vectors/formats/v21/crash/before'],
  ['session chat', 'room'],
  ['session export', 'room', 'FOLDER/room.dprec'],
  ['session unlist', 'room'],
  ['say', 'hello'],
  ['session kick', 'room', 'gus'],
  ['session ban', 'room', 'eve'],
  ['session unban', 'room', '1'],
  ['session kill', 'room', '--yes'],
  ['token create', 'bot'],
  ['token list'],
  ['token revoke', 'bot'],
  ['login link'],
  ['login list'],
  ['login end', '--all'],
  ['lock list'],
  ['lock set', 'bans'],
  ['lock clear'],
  ['extban list'],
  ['extban clear', '--yes'],
  ['stop', '--in', '1h'],
  ['stop', '--cancel'],
];

/** Commands whose operation is refused on this server: their types say what they print. */
const notRun: Readonly<Record<string, string>> = {
  events: 'it does not end by itself; see test/commands/events.test.ts',
  gui: 'the app itself',
  restart: 'another process serves then; see test/commands/restart.test.ts',
  'cert renew': 'no authority is set up',
  'extban refresh': 'no list is configured',
  'extban enable': 'the list is empty',
  'extban disable': 'the list is empty',
  'session adopt': 'nothing is stored',
  'session repair': 'nothing is stored',
  'session announce': 'nothing outside is asked',
  'session uninvite': 'its secret is made up by the server',
  'file verify': 'its name is made up by the server',
  'user kick': 'its id is made up by the server',
};

test('what --json prints is the output of the operation, to the letter of its row', async (t) => {
  t.timeout(240_000);
  const server = await startFilesServer(t, { records: 'asked', settings: { clientTimeout: '1d' } });
  const host = await Client.host(server.server.port, { name: 'hana', alias: 'room' });
  const gus = await Client.join(server.server.port, host.sessionId, { name: 'gus' });
  const eve = await Client.join(server.server.port, host.sessionId, { name: 'eve' });
  t.teardown(() => Promise.all([host, gus, eve].map((client) => client.drop())));
  eve.command('report', [], { reason: 'rude' });
  await eve.ping();
  const env = { ...server.env, DP_DATABASE: server.database ?? '', EDITOR: 'true' };
  const folderOfFiles = tempFolder(t);
  for (const [name, ...argv] of runs) {
    const command = commands.get(name);
    const label = `dp ${name} ${argv.join(' ')}`;
    if (!command) {
      t.fail(`${label}: no such command`);
      continue;
    }
    const words = argv.map((word) => word.replace('FOLDER', folderOfFiles));
    const ran = await runCommand(command, [...words, '--json'], { env, stdin: 'hello\n' });
    if (ran.stdout.trim() === '' || (ran.status !== 0 && ran.status !== 7)) {
      t.fail(`${label}: status ${ran.status} ${ran.stdout} ${ran.stderr}`);
      continue;
    }
    const { answers, ownAnswers } = command;
    const flag = argv.find((word) => word in ownAnswers) ?? '';
    const own = ownAnswers[flag];
    if (own) {
      const values = own.isLines ? ran.stdout.trim().split('\n') : [ran.stdout];
      for (const value of values) {
        const problem = answerProblem(own.shape, JSON.parse(value), false);
        if (problem !== undefined) t.fail(`${label}: ${problem}`);
      }
      continue;
    }
    const printed = ran.json<Record<string, unknown>>();
    const problems = Array.isArray(answers)
      ? answers.map((each: OperationName) => answerProblem(operations[each].output, printed, false))
      : Object.entries(answers as Record<string, OperationName>).map(([key, each]) =>
          answerProblem(operations[each].output, printed[key], false),
        );
    const isRight = Array.isArray(answers)
      ? problems.includes(undefined)
      : problems.every((problem) => problem === undefined);
    if (!isRight) t.fail(`${label}: ${problems.filter(Boolean).join('; ')}`);
  }
  const tried = new Set(runs.map(([name]) => name));
  const untried = [...commands.keys()].filter((name) => !tried.has(name));
  t.deepEqual(untried, Object.keys(notRun).sort());
});

test('dp cert status --json has its shape where no server runs, too', async (t) => {
  const folder = tempFolder(t);
  mkdirSync(path.join(folder, 'acme'));
  writeFileSync(path.join(folder, 'acme', 'certificate.pem'), 'half of it');
  const command = commands.get('cert status')!;
  const ran = await runCommand(command, ['--json'], { env: { DP_DATA: folder } });
  t.is(ran.status, 7, ran.stderr);
  const printed = ran.json<{ damaged: { reason: string }[] }>();
  t.is(answerProblem(command.ownAnswers['']!.shape, printed, false), undefined);
  t.is(printed.damaged[0]?.reason, 'it is cut off');
});

test('locks with a password are changed by whoever knows it; a connection is closed by its id', async (t) => {
  const server = await startAdminServer(t);
  const host = await Client.host(server.server.port, { name: 'hana', alias: 'room' });
  const env = { ...server.env, DP_DATABASE: server.database ?? '' };
  const dp = (name: string, argv: string[], stdin = '') => {
    const command = commands.get(name);
    if (!command) throw new Error(`no command ${name}`);
    return runCommand(command, argv, { env, stdin });
  };
  t.regex(
    (await dp('lock set', ['bans', 'accounts', '--password-stdin'], 'pw\n')).stderr,
    /Locked: accounts bans\./,
  );
  t.regex((await dp('lock list', [])).stdout, /accounts\s+bans/);
  const locked = await dp('ban user', ['5']);
  t.is(locked.status, 5, locked.stderr);
  t.is((await dp('lock clear', [])).status, 5, 'without the password');
  t.is((await dp('lock clear', ['--password-stdin'], 'pw\n')).status, 0);
  t.regex((await dp('lock list', [])).stderr, /No section is locked/);
  t.is((await dp('lock set', ['nothing'])).status, 2);
  t.is((await dp('extban refresh', [])).status, 5, 'no list is configured');
  t.is((await dp('extban enable', ['7'])).status, 4);
  t.is((await dp('extban disable', ['7'])).status, 4);
  const online = await dp('user list', ['--online', '--json']);
  const [{ uid = '' } = {}] = online.json<{ uid?: string }[]>();
  t.is((await dp('user kick', [uid, '--message', 'bye'])).status, 0);
  await host.closed;
  t.is((await dp('user kick', ['nobody'])).status, 4);
});
