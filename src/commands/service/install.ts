// dp service install: writes the systemd units, makes the user, and says what to type next.

import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { ServiceCommand, type UnitFile } from '../../lib/cli/service-command.js';
import { serviceName } from '../../lib/cli/service-units.js';
import { fault, Refusal, refusal } from '../../lib/core/errors.js';
import { folderModes, makeFolder } from '../../lib/io/files/folders.js';
import { onGuardedPathNow } from '../../lib/io/files/guarded-path.js';
import {
  diskFull,
  fileModes,
  plainReason,
  readRegular,
  sizeLimits,
} from '../../lib/io/files/regular-file.js';
import { findUser, isRoot } from '../../lib/io/system/user.js';

export default class ServiceInstall extends ServiceCommand {
  static override strict = false;
  static override summary = 'Install the server as a systemd service';
  static override description =
    'Writes the units to /etc/systemd/system, creates the user if it does not exist, and reloads systemd. Nothing ' +
    'is started: the last lines of the output say how. Units that were changed by hand are not overwritten ' +
    'without --force.';
  static override args = {
    flags: Args.string({ description: 'Flags of dp serve, after --' }),
  };
  static override examples = [
    { description: 'Install with the defaults', command: 'sudo <%= config.bin %> <%= command.id %>' },
    {
      description: 'With a certificate and the admin API',
      command:
        'sudo <%= config.bin %> <%= command.id %> -- --ssl-cert /etc/dp/cert.pem --ssl-key /etc/dp/key.pem --web-admin-port 27780',
    },
  ];
  static override flags = {
    force: Flags.boolean({ description: 'Overwrite units that differ' }),
    root: Flags.string({
      default: '/',
      helpValue: 'FOLDER',
      description:
        'Install below this folder, to build an image; creates no user and does not reload systemd',
    }),
  };

  async run() {
    const { flags, argv } = await this.parse(ServiceInstall);
    const isHere = path.resolve(flags.root) === '/';
    const units = this.makeUnits(flags, argv as string[]);
    if (isHere && !isRoot()) {
      throw refusal('service-without-root');
    }
    const closed = isHere ? this.closedFolder() : undefined;
    if (closed !== undefined) {
      throw refusal('service-in-closed-folder', { folder: closed });
    }
    const folder = path.join(flags.root, 'etc/systemd/system');
    const written = this.#writeAll(folder, units, flags.force);
    const madeUser = isHere ? this.#makeUser(flags.user, flags.data) : false;
    const isRead = isHere && this.#reload();

    for (const file of written) this.log(`wrote      ${file}`);
    if (written.length === 0) this.log('unchanged  the units are already there');
    if (madeUser) this.log(`created    user ${flags.user}`);
    const sockets = units.map(({ name }) => name).filter((name) => name.endsWith('.socket'));
    const unit = flags.socket ? sockets.join(' ') : serviceName;
    const next = `systemctl enable --now ${unit}`;
    if (isHere && !isRead) this.log('systemd is not running here; on the target machine:');
    this.log(`start it:  ${next}`);
    this.log(`watch it:  systemctl status ${serviceName}`);
    return { written, madeUser, next };
  }

  #writeAll(folder: string, units: readonly UnitFile[], isForced: boolean | undefined): string[] {
    const changed = units
      .map(({ name, text }) => ({ file: path.join(folder, name), text }))
      .filter(({ file, text }) => readText(file) !== text);
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
        throw diskFull(file, error) ?? fault('file-unwritable', { file, reason: plainReason(error) }, error);
      }
    }
    return changed.map(({ file }) => file);
  }

  #makeUser(name: string, home: string): boolean {
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

  #reload(): boolean {
    return spawnSync('systemctl', ['daemon-reload'], { stdio: 'ignore' }).status === 0;
  }
}

function readText(file: string): string | undefined {
  try {
    return readRegular(file, sizeLimits.startOptions).bytes.toString('utf8');
  } catch {
    return undefined;
  }
}
