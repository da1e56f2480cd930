// dp service print: shows the systemd units, and changes nothing.

import { Args } from '../../lib/cli/oclif.js';
import { ServiceCommand } from '../../lib/cli/service-command.js';
import { makeUnits } from '../../lib/cli/service-plan.js';

export default class ServicePrint extends ServiceCommand {
  static override strict = false;
  static override summary = 'Print the systemd units that `dp service install` would write';
  static override args = {
    flags: Args.string({ description: 'Flags of dp serve, after --' }),
  };
  static override examples = [
    { description: 'Show what would be installed', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Another port, started at the first connection',
      command: '<%= config.bin %> <%= command.id %> --socket -- --port 27751',
    },
  ];

  async run() {
    const { flags, argv } = await this.parse(ServicePrint);
    const units = makeUnits(this.config, flags, argv as string[]);
    for (const { name, text } of units) {
      if (units.length > 1) this.log(`# ----- ${name}`);
      this.logText(text);
    }
    return { units };
  }
}
