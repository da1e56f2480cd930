// Compiles src into dist, from nothing: a renamed file must not leave its old form behind, nor in
// what is compiled for tests. What a server loads is put
// together then (bundle.mjs), and the app of administrators (web.mjs).
// `--unchecked`: types are checked by whoever calls this (`pretest` checks src with the tests), or were before (`npm ci`).
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleServer } from './bundle.mjs';
import { removeStale } from './stale.mjs';
import { bundleWeb } from './web.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name) => fileURLToPath(new URL(`../node_modules/.bin/${name}`, import.meta.url));

removeStale(root);
rmSync(new URL('../dist', import.meta.url), { recursive: true, force: true });
rmSync(new URL('../oclif.manifest.json', import.meta.url), { force: true });
const isChecked = !process.argv.includes('--unchecked');
for (const [command, ...args] of [
  [bin('tsc'), '-p', 'tsconfig.json', ...(isChecked ? [] : ['--noCheck'])],
  ...(isChecked ? [[bin('tsc'), '-p', 'src/web/tsconfig.json']] : []),
  [bin('oclif'), 'manifest'],
]) {
  // What they print matters only when they fail.
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (error) throw error;
  if (status === 0) continue;
  process.stderr.write(`${stdout}${stderr}`);
  process.exit(status ?? 1);
}
await bundleWeb(root);
await bundleServer(fileURLToPath(new URL('../dist', import.meta.url)));
