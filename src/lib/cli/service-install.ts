// Installs the systemd units of the server: for `dp service install` and `dp init`.

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { fault, Refusal, refusal } from '../core/errors.js';
import { folderModes, makeFolder } from '../io/files/folders.js';
import { onGuardedPathNow } from '../io/files/guarded-path.js';
import { diskFull, fileModes, readRegular, reasonOf, sizeLimits } from '../io/files/regular-file.js';
import { findUser } from '../io/system/user.js';
import type { ServiceProgram, UnitFile } from './service-plan.js';
import { serviceName } from './service-units.js';

/** Below the root of a system. */
export function unitFolder(root: string): string {
  return path.join(root, 'etc/systemd/system');
}

/** What starts the units now and at each start of the machine. */
export function enableCommand(units: readonly UnitFile[]): string {
  const sockets = units.map(({ name }) => name).filter((name) => name.endsWith('.socket'));
  return `systemctl enable --now ${sockets.length > 0 ? sockets.join(' ') : serviceName}`;
}

/** sd_booted(3). */
export function hasSystemd(): boolean {
  return fs.existsSync('/run/systemd/system');
}

/** How units are in a folder, before they are written. */
export function stateOfUnits(folder: string, units: readonly UnitFile[]): 'missing' | 'same' | 'different' {
  const texts = units.map(({ name, text }) => [textOfUnit(folder, name), text] as const);
  if (texts.every(([there, wanted]) => there === wanted)) return 'same';
  const isThere = units.some(({ name }) => fs.existsSync(path.join(folder, name)));
  return isThere ? 'different' : 'missing';
}

/** Why a service could not start this program: it is in a folder that only root may enter. */
export function closedFolder({ root }: ServiceProgram): string | undefined {
  for (const file of [process.execPath, path.resolve(root, 'bin/run.js')]) {
    let folder = path.dirname(fs.realpathSync(file));
    for (;;) {
      if ((fs.statSync(folder).mode & 0o001) === 0) return folder;
      if (folder === path.dirname(folder)) break;
      folder = path.dirname(folder);
    }
  }
  return undefined;
}

/** Answers with the files that were written. Refusal where one was changed by hand, unless `isForced`. */
export function writeUnits(
  folder: string,
  units: readonly UnitFile[],
  isForced: boolean | undefined,
): string[] {
  const changed = units
    .map(({ name, text }) => ({ file: path.join(folder, name), text }))
    .filter(({ file, text }) => textOfUnit(folder, path.basename(file)) !== text);
  const other = changed.find(({ file }) => fs.existsSync(file));
  if (other && !isForced) {
    throw refusal('service-exists', { file: other.file, service: serviceName });
  }
  makeFolder(folder, folderModes.public);
  for (const { file, text } of changed) {
    // Completely or not at all: systemd may read at any moment.
    try {
      onGuardedPathNow(file, (place) => {
        const temporary = `${place}.new`;
        fs.rmSync(temporary, { force: true });
        fs.writeFileSync(temporary, text, { flag: 'wx', mode: fileModes.public });
        fs.renameSync(temporary, place);
      });
    } catch (error) {
      if (error instanceof Refusal) throw error;
      throw diskFull(file, error) ?? fault('file-unwritable', { file, reason: reasonOf(error) }, error);
    }
  }
  return changed.map(({ file }) => file);
}

/** Answers with false where there is such a user. */
export function makeServiceUser(name: string, home: string): boolean {
  if (findUser(name) !== undefined) return false;
  const args = [
    '--system',
    '--user-group',
    '--home-dir',
    home,
    '--no-create-home',
    '--shell',
    '/usr/sbin/nologin',
    name,
  ];
  const { status, stderr, error } = spawnSync('useradd', args, { encoding: 'utf8' });
  if (status === 0) return true;
  throw fault('service-user-not-made', {
    user: name,
    reason: (stderr || error?.message || '').trim(),
    words: args.join(' '),
  });
}

/** Answers with false where systemd does not run. */
export function reloadSystemd(): boolean {
  return spawnSync('systemctl', ['daemon-reload'], { stdio: 'ignore' }).status === 0;
}

/** Undefined: it is not there, or cannot be read. */
export function textOfUnit(folder: string, name: string): string | undefined {
  try {
    return readRegular(path.join(folder, name), sizeLimits.startOptions).bytes.toString('utf8');
  } catch {
    return undefined;
  }
}
