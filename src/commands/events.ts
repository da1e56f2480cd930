// `dp events`: what happens on a running server, as it happens.

import type { Admin, EventRequest, ServerEvent } from '../lib/admin/admin.js';
import { eventKinds, eventShape } from '../lib/admin/events.js';
import { AdminCommand } from '../lib/cli/admin-command.js';
import { followReconnecting } from '../lib/cli/event-reconnection.js';
import { eventLine } from '../lib/cli/event-texts.js';
import { Flags } from '../lib/cli/oclif.js';
import { onceClosed } from '../lib/cli/terminal.js';
import { printableJson } from '../lib/core/printable.js';

export default class Events extends AdminCommand {
  static override summary = 'Follow events on the server';
  static override description =
    'Prints a line for each event from now on: sessions, users, chat, abuse reports, bans, settings, accounts, log ' +
    'entries, the audit trail and the health of the server. If the connection breaks, the command connects again and ' +
    'continues where it ended. Ends with Ctrl-C.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --kind chat,report',
    '<%= config.bin %> <%= command.id %> --session 01m8hdhttxh5gtea7j0bgk4zzz --json',
    '<%= config.bin %> <%= command.id %> --server https://draw.example.com:443 --auth dpt_… --json',
  ];
  static override flags = {
    kind: Flags.string({
      multiple: true,
      delimiter: ',',
      helpValue: 'KIND',
      summary: `Only these events: ${eventKinds.join(', ')}`,
      aliases: ['kinds'],
    }),
    session: Flags.string({ helpValue: 'ID', summary: 'Only events of this session' }),
    after: Flags.string({
      helpValue: 'ID',
      summary: 'Begin after this event, if the server still has it',
    }),
  };

  static override ownAnswers = { '': { shape: eventShape, isLines: true } } as const;

  async run(): Promise<void> {
    const { flags } = await this.parse(Events);
    const request: EventRequest = {
      ...(flags.kind && { kinds: flags.kind }),
      ...(flags.session !== undefined && { session: flags.session }),
      ...(flags.after !== undefined && { after: flags.after }),
    };
    await this.withAdmin(flags, (admin) => this.#follow(admin, request), true);
  }

  async #follow(admin: Admin, request: EventRequest): Promise<void> {
    const show = (event: ServerEvent) => {
      const line = this.jsonEnabled() ? printableJson(event) : eventLine(event);
      this.terminal.stdout.write(`${line}\n`);
    };
    await followReconnecting(admin, this.terminal, request, show, onceClosed(this.terminal.stdout));
  }
}
