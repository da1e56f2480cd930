// The help of dp: oclif's, with usage lines of our own. Only loaded when help is asked for.

import { CommandHelp, Help } from '@oclif/core';
import { type UsageFacts, usageOf } from './usage.js';

class DpCommandHelp extends CommandHelp {
  protected override defaultUsage(): string {
    return usageOf(this.command as UsageFacts);
  }
}

export default class DpHelp extends Help {
  protected override CommandHelpClass = DpCommandHelp;
}
