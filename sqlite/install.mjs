// The install script of dp. better-sqlite3 13 brings programs for Node 22 and newer on the usual systems. It does not run
// on Node 20, and other systems have no program: there 12 is installed into ./12, ready-made from GitHub or, where that
// cannot be reached, built here. It is not a dependency of dp because npm would then build it everywhere. ./13 is for npm 10
// and older, which runs node-gyp for 13 although there is nothing to build, and removes the package when that fails.
// Run it again after a change of Node: `node sqlite/install.mjs`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pruneBuilt, pruneReadyMade } from './prune.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const isNode20 = Number.parseInt(process.versions.node, 10) < 22;

/** Tried in a process of its own, because a program for another Node may crash the one that loads it. */
function loads(name) {
  const script = `new (require(${JSON.stringify(name)}))(':memory:').close()`;
  return spawnSync(process.execPath, ['-e', script], { cwd: root, stdio: 'ignore' }).status === 0;
}

// What npm tells its scripts about the installation that runs them, and what its flags said about that one.
const foreign =
  /^npm_(package|lifecycle)_|^npm_config_(global|location|prefix|local_prefix|omit|include|only|production|save|dry_run|workspace|package_lock|ignore_scripts|allow_scripts|strict_allow_scripts)/i;

/** `npm ci` in a folder of its own, with the npm and the Node that run this. */
function install(version, ...flags) {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
  // npm's scripts build for the first node in the path.
  env.PATH = `${dirname(process.execPath)}${delimiter}${env.PATH ?? ''}`;
  const beside = join(dirname(process.execPath), '../lib/node_modules/npm/bin/npm-cli.js');
  const cli = [process.env.npm_execpath, beside].find(
    (path) => path && /npm-cli\.c?js$/.test(path) && existsSync(path),
  );
  const [command, ...script] = cli
    ? [process.execPath, cli]
    : [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
  const args = ['ci', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error', ...flags];
  const { status } = spawnSync(command, [...script, ...args], {
    cwd: join(root, 'sqlite', version),
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return status === 0;
}

const at = (version) => `./sqlite/${version}/index.cjs`;

function isReady() {
  if (!isNode20 && loads('better-sqlite3')) {
    // below us, or beside us where npm put both into one folder
    pruneReadyMade(join(root, 'node_modules/better-sqlite3'));
    pruneReadyMade(join(root, '../better-sqlite3'));
    return true;
  }
  if (!isNode20 && loads(at('13'))) return true;
  if (loads(at('12'))) return true;
  if (!isNode20 && install('13', '--ignore-scripts') && loads(at('13'))) {
    pruneReadyMade(join(root, 'sqlite/13/node_modules/better-sqlite3'));
    return true;
  }
  console.error(
    `Installing better-sqlite3 12 for Node ${process.version}. This takes a minute or two where it must be built.`,
  );
  if (!install('12') || !loads(at('12'))) return false;
  pruneBuilt(join(root, 'sqlite/12/node_modules'));
  return true;
}

if (!isReady()) {
  console.error(`error: cannot install better-sqlite3 for Node ${process.version}
hint: use Node 22 or newer, or install a compiler (on Debian: apt-get install build-essential python3); where nodejs.org
      cannot be reached, name the folder of Node's headers as well: npm_config_nodedir=/usr npm install`);
  process.exit(1);
}
