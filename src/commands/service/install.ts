// dp service install: writes the systemd units, makes the user, and says what to type next.

import * as path from 'node:path';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { ServiceCommand } from '../../lib/cli/service-command.js';
import {
  closedFolder,
  enableCommand,
  makeServiceUser,
  reloadSystemd,
  unitFolder,
  writeUnits,
} from '../../lib/cli/service-install.js';
import { makeUnits } from '../../lib/cli/service-plan.js';
import { serviceName } from '../../lib/cli/service-units.js';
import { refusal } from '../../lib/core/errors.js';
import { isRoot } from '../../lib/io/system/user.js';

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
    const units = makeUnits(this.config, flags, argv as string[]);
    if (isHere && !isRoot()) {
      throw refusal('service-without-root');
    }
    const closed = isHere ? closedFolder(this.config) : undefined;
    if (closed !== undefined) {
      throw refusal('service-in-closed-folder', { folder: closed });
    }
    const written = writeUnits(unitFolder(flags.root), units, flags.force);
    const madeUser = isHere ? makeServiceUser(flags.user, flags.data) : false;
    const isRead = isHere && reloadSystemd();

    for (const file of written) this.log(`wrote      ${file}`);
    if (written.length === 0) this.log('unchanged  the units are already there');
    if (madeUser) this.log(`created    user ${flags.user}`);
    const next = enableCommand(units);
    if (isHere && !isRead) this.log('systemd is not running here; on the target machine:');
    this.log(`start it:  ${next}`);
    this.log(`watch it:  systemctl status ${serviceName}`);
    return { written, madeUser, next };
  }
}
