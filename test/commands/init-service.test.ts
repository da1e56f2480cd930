// `dp init --service` as root: the user, the unit and the files of the service, in a copy of /etc that only this test sees.

import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { binary } from '../helpers/run-binary.js';
import { tempFolder } from '../helpers/temp-folder.js';

/** A copy of /etc is mounted over it: where that is not allowed there is nothing to test. */
const canChangeEtc = (): boolean =>
  process.getuid?.() === 0 &&
  spawnSync('unshare', ['--mount', 'sh', '-c', 'mount --bind /etc /etc && command -v useradd'], {
    stdio: 'ignore',
  }).status === 0;
const asRoot = canChangeEtc() ? test : test.skip;

/** Runs lines of a shell in which $1 is the program of node, $2 dp and $3 the data folder. */
function runWithOwnEtc(t: ExecutionContext, script: string): { output: string; folder: string } {
  const parent = tempFolder(t);
  chmodSync(parent, 0o755);
  const [etc, folder] = [join(parent, 'etc'), join(parent, 'dp')];
  mkdirSync(etc);
  const lines = `set -e
    cp -a /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/login.defs /etc/nsswitch.conf ${etc}/ 2>/dev/null || true
    mount --bind ${etc} /etc
    ${script}`;
  const args = ['--mount', 'sh', '-c', lines, 'sh', process.execPath, binary, folder];
  const env = { PATH: process.env.PATH ?? '', NO_COLOR: '1', HOME: parent };
  return { output: execFileSync('unshare', args, { encoding: 'utf8', env }), folder };
}

asRoot('dp init --service makes the user, the unit, and files that belong to the user', (t) => {
  const { output, folder } = runWithOwnEtc(
    t,
    `"$1" "$2" init --data "$3" --yes --for public --name "Open studio" --port 27761 --administrator alice --generate --service
     echo "--- unit"; cat /etc/systemd/system/dp.service
     echo "--- user"; grep '^dp:' /etc/passwd
     echo "--- files"; find "$3" -exec stat -c '%U %a %n' {} +`,
  );
  const [shown = '', unit = '', user = '', files = ''] = output.split(/^--- \w+$/m);
  t.regex(shown, /service \/etc\/systemd\/system\/dp\.service, user dp/);
  t.regex(shown, /Start the server +systemctl enable --now dp\.service/);
  t.regex(unit, /^User=dp$/m);
  t.true(unit.includes(folder), 'the unit serves this folder');
  t.regex(user, /nologin/);
  const lines = files.trim().split('\n');
  t.true(lines.length > 2);
  for (const line of lines) t.regex(line, /^dp [67][0-7]0 /, 'nobody else reads or writes it');
});

asRoot('dp init --service replaces no unit that was changed by hand, and writes nothing then', (t) => {
  const { output } = runWithOwnEtc(
    t,
    `mkdir -p /etc/systemd/system; echo "# mine" > /etc/systemd/system/dp.service
     if "$1" "$2" init --data "$3" --yes --for private --port 27762 --service 2>&1; then echo "NO ERROR"; fi
     echo "--- left"; cat /etc/systemd/system/dp.service; ls "$3" 2>&1 || true; grep '^dp:' /etc/passwd || true`,
  );
  const [shown = '', left = ''] = output.split(/^--- \w+$/m);
  t.notRegex(shown, /NO ERROR/);
  t.regex(shown, /dp\.service/);
  t.regex(left, /# mine/);
  t.notRegex(left, /^dp:/m, 'no user');
  t.notRegex(left, /dp\.conf|dp\.db/, 'no files');
});
