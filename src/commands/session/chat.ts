// `dp session chat`: talking with the people in a session.

import { createInterface } from 'node:readline';
import type { Admin, ServerEvent } from '../../lib/admin/admin.js';
import { shownLine } from '../../lib/admin/reports.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { followReconnecting } from '../../lib/cli/event-reconnection.js';
import { saidText } from '../../lib/cli/report-texts.js';
import { sessionArg } from '../../lib/cli/session-texts.js';
import { onceClosed } from '../../lib/cli/terminal.js';
import { Refusal } from '../../lib/core/errors.js';
import { printable, printableJson } from '../../lib/core/printable.js';

type Line = Parameters<typeof saidText>[0];

export default class SessionChat extends LiveCommand {
  static override summary = 'Chat with the users of a session';
  static override description =
    'Shows the latest messages, then new ones as they arrive; each line that you type is sent to everyone in the ' +
    'session. Ends with the input (Ctrl-D), with Ctrl-C, or when the session ends. If the connection breaks, the ' +
    'command connects again.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> sketches',
    'echo "Five minutes left" | <%= config.bin %> <%= command.id %> sketches',
  ];
  static override args = { session: sessionArg };

  static override ownAnswers = { '': { shape: shownLine, isLines: true } } as const;

  async run(): Promise<void> {
    const { args, flags } = await this.parse(SessionChat);
    await this.withAdmin(flags, async (admin) => {
      const { id, title } = await admin.run('session.get', { session: args.session });
      this.logToStderr(`${printable(title || id)} – each line is sent; Ctrl-D ends.`);
      const recent = await admin.run('chat.recent', { session: id });
      for (const line of recent) this.#show(line);
      await this.#talk(admin, id, recent.at(-1)?.when ?? 0);
    });
  }

  /** `after`: moment of the last line that was shown. */
  async #talk(admin: Admin, session: string, after: number): Promise<void> {
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const show = ({ kind, data }: ServerEvent) => {
      if (kind === 'session' && data.what === 'ended') {
        this.logToStderr('The session has ended.');
        end();
      }
      // what was said between the two questions was shown already
      if (kind === 'chat' && Number(data.when) > after) this.#show(data as unknown as Line);
    };
    const lines = createInterface({ input: this.terminal.stdin });
    const typed = this.#sendLines(admin, session, lines);
    const over = Promise.race([ended, typed, onceClosed(this.terminal.stdout)]);
    try {
      await followReconnecting(admin, this.terminal, { kinds: ['chat', 'session'], session }, show, over);
    } finally {
      // an open input would keep the process
      lines.close();
    }
  }

  /** Until the input ends; what was typed last has been sent then. */
  async #sendLines(admin: Admin, session: string, lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) {
      if (line.trim() === '') continue;
      try {
        await admin.run('session.message', { session, text: line.trim() });
      } catch (error) {
        // the next line may be shorter, the next moment better
        if (!(error instanceof Refusal)) throw error;
        this.logToStderr(`error: ${error.message}`);
      }
    }
  }

  #show(line: Line): void {
    const { when, name, text, isAction = false } = line;
    this.terminal.stdout.write(
      `${this.jsonEnabled() ? printableJson({ when, name, text, isAction }) : printable(saidText(line))}\n`,
    );
  }
}
