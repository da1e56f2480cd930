// Writes completions/ for packages: what `dp completion SHELL` sets up for one user, as files for everybody.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'completions');
const home = mkdtempSync(join(tmpdir(), 'dp-completions-'));

function run(...argv) {
  const env = { ...process.env, HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home };
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/run.js'), ...argv], {
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`dp ${argv.join(' ')}: ${stderr}`);
  return stdout;
}

try {
  run('autocomplete', 'bash', '--refresh-cache');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  const made = join(home, 'dp/autocomplete/functions');
  copyFileSync(join(made, 'bash/dp.bash'), join(folder, 'dp.bash'));
  copyFileSync(join(made, 'zsh/_dp'), join(folder, '_dp'));
  writeFileSync(join(folder, 'dp.fish'), run('completion', 'fish'));
} finally {
  rmSync(home, { recursive: true, force: true });
}
