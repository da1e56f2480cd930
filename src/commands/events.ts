// `dp events`: what happens on a running server, as it happens.

import { setTimeout as wait } from 'node:timers/promises';
import type { Admin, EventRequest, Following, ServerEvent } from '../lib/admin/admin.js';
import { eventKinds } from '../lib/admin/events.js';
import { AdminCommand } from '../lib/cli/admin-command.js';
import { eventLine } from '../lib/cli/event-texts.js';
import { Flags } from '../lib/cli/oclif.js';
import { onceClosed } from '../lib/cli/terminal.js';
import { Refusal, refusal } from '../lib/core/errors.js';
import { printableJson } from '../lib/core/printable.js';

/** Waits before a connection is tried again; after the last one the server is gone. */
const triesMs = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

export default class Events extends AdminCommand {
  static override summary = 'Show what happens on the server, as it happens';
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

  async run(): Promise<void> {
    const { flags } = await this.parse(Events);
    const request: EventRequest = {
      ...(flags.kind && { kinds: flags.kind }),
      ...(flags.session !== undefined && { session: flags.session }),
    };
    await this.withAdmin(flags, (admin) => this.#follow(admin, request, flags.after), true);
  }

  async #follow(admin: Admin, request: EventRequest, after: string | undefined): Promise<void> {
    let last = after;
    const show = (event: ServerEvent) => {
      last = event.id;
      const line = this.jsonEnabled() ? printableJson(event) : eventLine(event);
      this.terminal.stdout.write(`${line}\n`);
    };
    const connect = () =>
      admin.followEvents({ ...request, ...(last !== undefined && { after: last }) }, show);
    const closed = onceClosed(this.terminal.stdout);
    let following = await connect();
    for (;;) {
      await Promise.race([following.ended, closed]);
      following.stop();
      if (this.terminal.stdout.destroyed) return;
      following = await this.#connectAgain(connect);
    }
  }

  async #connectAgain(connect: () => Promise<Following>): Promise<Following> {
    this.terminal.stderr.write('The connection ended; trying again.\n');
    for (const ms of triesMs) {
      await wait(ms);
      try {
        return await connect();
      } catch (error) {
        // what is refused now will be refused again
        if (error instanceof Refusal && error.kind !== 'unreachable') throw error;
      }
    }
    throw refusal('server-gone');
  }
}
