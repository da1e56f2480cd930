// The container image without a container engine: the Dockerfile's own steps make its file tree in a plain folder,
// which is then run as the image would run it. What only an engine does (users, layers, isolation) is not tested.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { originalOptions } from '../../src/lib/cli/drawpile-srv.js';
import { Client } from '../helpers/client.js';
import { freePort } from '../helpers/free-port.js';

type Instruction = { name: string; rest: string };

/** Instructions of each stage; continued lines are joined. */
function readStages(text: string): Instruction[][] {
  const stages: Instruction[][] = [];
  for (const line of text.replace(/\\\n/g, ' ').split('\n')) {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    if (name === 'FROM') stages.push([]);
    stages.at(-1)!.push({ name, rest: rest.replace(/\s+/g, ' ') });
  }
  return stages;
}

const stages = readStages(fs.readFileSync('Dockerfile', 'utf8'));
const [build, final] = stages as [Instruction[], Instruction[]];
const one = (name: string) => final.filter((step) => step.name === name).at(-1)?.rest ?? '';

test('the image: Debian slim, an ordinary user, a volume, a health check, the original command line', (t) => {
  t.is(stages.length, 2);
  for (const stage of stages) t.regex(stage[0]!.rest, /^node:\d+-[a-z]+-slim\b/);
  t.is(one('USER'), 'drawpile');
  t.is(one('VOLUME'), '/home/drawpile');
  t.regex(one('HEALTHCHECK'), /CMD \["node", "\/opt\/dp\/scripts\/healthcheck\.mjs"\]$/);
  t.deepEqual(JSON.parse(one('ENTRYPOINT')), ['node', '/opt/dp/bin/drawpile-srv.js']);
  for (const word of JSON.parse(one('CMD')) as string[]) {
    if (word.startsWith('--')) t.true(Object.hasOwn(originalOptions, word.slice(2)), word);
  }
});

test('the compose file: admin on loopback only, a volume, options that the server knows', (t) => {
  const text = fs.readFileSync('compose.yaml', 'utf8');
  t.regex(text, /- "27750:27750"/);
  t.regex(text, /- "127\.0\.0\.1:27780:27780"/);
  t.notRegex(text, /- "27780:27780"/);
  t.regex(text, /- data:\/home\/drawpile/);
  const options = [...text.matchAll(/^ {6}- --([a-z-]+)=/gm)].map(([, name]) => name!);
  t.true(options.length >= 4);
  for (const name of options) t.true(Object.hasOwn(originalOptions, name), name);
});

/** COPY . . as an engine does it, names in .dockerignore left out; RUN as it stands, without the network. */
function makeTree(root: string): void {
  const workFolder = path.join(root, build.find(({ name }) => name === 'WORKDIR')!.rest);
  fs.mkdirSync(workFolder, { recursive: true });
  for (const { name, rest } of build) {
    if (name === 'COPY') {
      if (rest !== '. .') throw new Error(`unknown COPY ${rest}`);
      const ignored = new Set(fs.readFileSync('.dockerignore', 'utf8').split('\n'));
      for (const entry of fs.readdirSync('.')) {
        if (!ignored.has(entry)) fs.cpSync(entry, path.join(workFolder, entry), { recursive: true });
      }
      linkPackages(workFolder);
    } else if (name === 'RUN') {
      execFileSync('/bin/sh', ['-c', rest], {
        cwd: workFolder,
        env: { ...process.env, npm_config_offline: 'true', NODE_ENV: '' },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    }
  }
}

/** Stands for the registry: npm finds what it would fetch, and does everything else. */
function linkPackages(workFolder: string): void {
  const target = path.join(workFolder, 'node_modules');
  execFileSync('cp', ['-al', fs.realpathSync('node_modules'), target]);
  // npm writes to this one in place, and it must not be ours.
  fs.rmSync(path.join(target, '.package-lock.json'), { force: true });
  fs.rmSync(path.join(target, '.cache'), { recursive: true, force: true });
}

/** As the engine starts it: entry point and arguments, paths of the image mapped into the tree. */
function start(t: ExecutionContext, root: string, args: readonly string[]) {
  const inTree = (text: string) => text.replace(/^\/(?=opt|home)/, `${root}/`);
  const [command, ...entry] = JSON.parse(one('ENTRYPOINT')) as [string, ...string[]];
  const home = path.join(root, 'home/drawpile');
  fs.mkdirSync(home, { recursive: true });
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) fs.chownSync(home, 1000, 1000);
  const child = spawn(command === 'node' ? process.execPath : command, [...entry, ...args].map(inTree), {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, NODE_ENV: 'production', DP_DATA: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(isRoot && { uid: 1000, gid: 1000 }),
  });
  t.teardown(() => child.kill('SIGKILL'));
  const output: string[] = [];
  child.stdout!.on('data', (text) => output.push(String(text)));
  child.stderr!.on('data', (text) => output.push(String(text)));
  return { child, output, home };
}

const withTools =
  process.platform === 'win32' || spawnSync('cp', ['--version']).status !== 0 ? test.skip : test;

withTools(
  'the tree that the Dockerfile makes serves, is healthy, keeps its sessions, and stops when told',
  async (t) => {
    const root = path.resolve('.build', `image-${process.pid}`);
    t.teardown(() => fs.rmSync(root, { recursive: true, force: true }));
    makeTree(root);
    t.false(
      fs.existsSync(path.join(root, 'opt/dp/node_modules/typescript')),
      'nothing for developers is left',
    );
    t.false(fs.existsSync(path.join(root, 'opt/dp/test')));
    t.true(fs.existsSync(path.join(root, 'opt/dp/dist/commands/serve.js')));

    const port = await freePort();
    const args = [...(JSON.parse(one('CMD')) as string[]), '--listen', '127.0.0.1', '--port', String(port)];
    const health = () =>
      spawnSync(process.execPath, [path.join(root, 'opt/dp/scripts/healthcheck.mjs')], {
        env: { ...process.env, DP_PORT: String(port) },
      }).status;
    t.is(health(), 1, 'not running yet');

    const first = start(t, root, args);
    const exited = once(first.child, 'exit');
    await Promise.race([once(first.child.stdout!, 'data'), exited]);
    t.is(health(), 0, first.output.join(''));
    const host = await Client.host(port, { name: 'ann', title: 'In a container', alias: 'kept' });
    host.draw('kept in the volume');
    await host.ping();
    first.child.kill('SIGTERM');
    t.deepEqual(await exited, [0, null], first.output.join(''));
    t.true(fs.readdirSync(path.join(first.home, 'sessions')).some((name) => name.endsWith('.dprec')));

    const second = start(t, root, args);
    const exitedToo = once(second.child, 'exit');
    await once(second.child.stdout!, 'data');
    const guest = await Client.join(port, 'kept', { name: 'bob' });
    await guest.caughtUp();
    t.true(guest.canvas.some(({ payload }) => payload.toString() === 'kept in the volume'));
    second.child.kill('SIGTERM');
    t.deepEqual(await exitedToo, [0, null], second.output.join(''));
  },
);
