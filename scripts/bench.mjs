// `npm run bench`: builds what is older than its sources, then runs the bench (test/bench/README.md);
// `npm run bench -- canvas`: that of the canvas engine.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const inProject = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

function run(command, ...args) {
  const { status, error } = spawnSync(command, args, {
    cwd: inProject(''),
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

const builtAt = existsSync(inProject('oclif.manifest.json'))
  ? statSync(inProject('oclif.manifest.json')).mtimeMs
  : 0;
const isStale = readdirSync(inProject('src'), { recursive: true }).some(
  (name) => statSync(inProject(`src/${name}`)).mtimeMs > builtAt,
);
if (isStale) run(process.execPath, inProject('scripts/build.mjs'));
run(inProject('node_modules/.bin/tsc'), '-p', 'tsconfig.test.json');
const [first, ...rest] = process.argv.slice(2);
if (first === 'canvas') run(process.execPath, inProject('.build/test/bench/canvas/bench.js'), ...rest);
else run(process.execPath, inProject('.build/test/bench/bench.js'), ...process.argv.slice(2));
