// Paths that lead in a circle, or through a file as if it were a folder: one line that names the path and the reason,
// whatever flag or argument they were given to; no system code and no place in the program.
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { runLight } from '../helpers/run-command.js';
import { tempFolder } from '../helpers/temp-folder.js';

const serve = ['serve', '--port', '0', '--listen', '127.0.0.1'];

/** Commands; `PATH` is where the path goes. */
const commands: readonly (readonly string[])[] = [
  [...serve, '--database', 'PATH'],
  [...serve, '--sessions', 'PATH'],
  [...serve, '--templates', 'PATH'],
  [...serve, '--data', 'PATH'],
  [...serve, '--config', 'PATH'],
  [...serve, '--ssl-cert', 'PATH', '--ssl-key', 'PATH'],
  ['user', 'list', '--database', 'PATH'],
  ['config', 'list', '--config', 'PATH'],
  ['session', 'list', '--sessions', 'PATH'],
  ['template', 'list', 'PATH'],
  ['archive', 'list', 'PATH'],
  ['rec', 'info', 'PATH'],
  ['rec', 'verify', 'PATH'],
  ['template', 'validate', 'PATH'],
  ['cert', 'show', 'PATH'],
  ['backup', 'verify', 'PATH'],
];

for (const [what, name] of [
  ['a link to itself', 'loop'],
  ['a place behind a link to itself', 'loop/x'],
  ['a place behind a file', 'file/x'],
] as const) {
  test(`${what} is one clear line for every flag and argument`, async (t) => {
    t.timeout(300_000);
    const folder = tempFolder(t);
    chmodSync(folder, 0o777);
    symlinkSync('loop', join(folder, 'loop'));
    writeFileSync(join(folder, 'file'), '');
    const path = join(folder, name);
    for (const [number, command] of commands.entries()) {
      const env = {
        HOME: folder,
        DP_DATA: join(folder, `data${number}`),
        DP_RUNTIME: join(folder, `run${number}`),
      };
      const ran = await runLight(
        command.map((word) => (word === 'PATH' ? path : word)),
        { env },
      );
      const said = ran.stdout + ran.stderr;
      const shown = `${command.join(' ')}: ${said}`;
      t.true(ran.status !== null && ran.status > 0, shown);
      t.notRegex(said, /ELOOP|ENOTDIR|\bat .*\(|internal error|system error|cannot pass/, shown);
      t.true(said.includes(folder), shown);
      t.true(ran.stderr.trim().split('\n').length <= 3, shown);
    }
  });
}
