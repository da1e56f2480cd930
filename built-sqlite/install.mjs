// The install script of dp. better-sqlite3 13 brings programs for Node 22 and newer on the usual systems, so there is
// nothing to do. It does not run on Node 20, and other systems have no program: there 12 is installed into this folder,
// ready-made from GitHub or, where that cannot be reached, built here. It is not a dependency of dp because npm would then
// build it everywhere. Run it again after a change of Node: `node built-sqlite/install.mjs`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('..', import.meta.url));
const isNode20 = Number.parseInt(process.versions.node, 10) < 22;

/** Tried in a process of its own, because a program for another Node may crash the one that loads it. */
function loads(name) {
  const script = `new (require(${JSON.stringify(name)}))(':memory:').close()`;
  return spawnSync(process.execPath, ['-e', script], { cwd: root, stdio: 'ignore' }).status === 0;
}

/** npm as a command for a project of its own: what concerns the installation that runs this script is left out. */
function install() {
  const env = { ...process.env };
  for (const name of Object.keys(env))
    if (
      /^npm_(package|lifecycle)_|^npm_config_(global|location|prefix|local_prefix|omit|include|only|production|save|dry_run|workspace|package_lock|ignore_scripts|allow_scripts)/i.test(
        name,
      )
    )
      delete env[name];
  const ours = process.env.npm_execpath;
  const beside = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  const cli = [ours, beside].find((path) => path && /npm-cli\.c?js$/.test(path) && existsSync(path));
  const [command, before] = cli
    ? [process.execPath, [cli]]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []];
  const args = ['ci', '--omit=dev', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error'];
  // The Node of this process comes first: npm's own `node` decides for which Node is built.
  env.PATH = `${dirname(process.execPath)}${process.platform === 'win32' ? ';' : ':'}${env.PATH ?? ''}`;
  return (
    spawnSync(command, [...before, ...args], { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] })
      .status === 0
  );
}

const built = './built-sqlite/index.cjs';
const isReady = (!isNode20 && loads('better-sqlite3')) || loads(built);
if (!isReady) {
  console.error(
    `Installing better-sqlite3 12 for Node ${process.version}. This takes a minute or two where it must be built.`,
  );
  if (!install() || !loads(built)) {
    console.error(`error: cannot install better-sqlite3 12 for Node ${process.version}
hint: install a compiler, on Debian 'apt-get install build-essential python3', or use Node 22 or newer`);
    process.exit(1);
  }
}
