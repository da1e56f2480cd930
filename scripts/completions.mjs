// Writes completions/ for packages: what `dp completion SHELL` prints, as files for everybody.
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'completions');

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
for (const [shell, file] of [
  ['bash', 'dp.bash'],
  ['zsh', '_dp'],
  ['fish', 'dp.fish'],
]) {
  const argv = [join(root, 'bin/run.js'), 'completion', shell];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`dp completion ${shell}: ${stderr}`);
  writeFileSync(join(folder, file), stdout);
}
