// What `dp service print` and `dp service install` share: their flags.

import { rootDataFolder } from '../io/system/user.js';
import { BaseCommand } from './base-command.js';
import { Flags } from './oclif.js';

export abstract class ServiceCommand extends BaseCommand {
  static override baseFlags = {
    ...BaseCommand.baseFlags,
    user: Flags.string({ default: 'dp', helpValue: 'NAME', description: 'User that runs the server' }),
    data: Flags.string({
      default: rootDataFolder,
      helpValue: 'FOLDER',
      description: 'Data folder of the server',
    }),
    socket: Flags.boolean({
      description: 'Start the server at the first connection and stop it when all users have left',
    }),
  };
}
