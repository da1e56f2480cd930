// `dp top`: the sessions and people of a running server on a screen that renews itself, the busiest first.

import type { Admin } from '../lib/admin/admin.js';
import { LiveCommand } from '../lib/cli/admin-command.js';
import { Flags } from '../lib/cli/oclif.js';
import { openScreen } from '../lib/cli/screen.js';
import { cut, formatTable } from '../lib/cli/tables.js';
import { hasColor, isInteractive, styled, widthOf } from '../lib/cli/terminal.js';
import { busiestFirst, type Overview, takeOverview, topColumns, topTitle } from '../lib/cli/top-texts.js';

export default class Top extends LiveCommand {
  static override summary = 'Watch the sessions and users of a running server';
  static override description =
    'Lists the busiest first and refreshes until q or Ctrl-C is pressed. If the output is not a terminal, prints ' +
    'once.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --interval 10',
    { description: 'Print once', command: '<%= config.bin %> <%= command.id %> --once' },
  ];
  static override flags = {
    interval: Flags.integer({
      char: 'i',
      default: 2,
      min: 1,
      max: 3600,
      helpValue: 'SECONDS',
      summary: 'Seconds between refreshes',
    }),
    once: Flags.boolean({ summary: 'Print once and exit' }),
  };
  static override answers = {
    status: 'server.status',
    sessions: 'session.list',
    users: 'online.list',
  } as const;

  async run(): Promise<Overview> {
    const { flags } = await this.parse(Top);
    return this.withAdmin(flags, async (admin) => {
      const isOnce = flags.once || this.jsonEnabled() || !isInteractive(this.terminal);
      if (!isOnce) return this.watch(admin, flags.interval * 1000);
      const overview = await takeOverview(admin);
      this.logText(this.draw(overview, Number.POSITIVE_INFINITY));
      return overview;
    });
  }

  private async watch(admin: Admin, intervalMs: number): Promise<Overview> {
    // nothing of the screen is touched before the first answer: a server that is not there is an ordinary error
    let overview = await takeOverview(admin);
    const screen = openScreen(this.terminal);
    try {
      for (;;) {
        screen.draw(this.draw(overview, screen.rows - 1));
        if (await screen.leavesWithin(intervalMs)) return overview;
        overview = await takeOverview(admin);
      }
    } finally {
      screen.close();
    }
  }

  /** Lines at most `rows`; sessions get the larger part when there is not room for all. */
  private draw(overview: Overview, rows: number): string {
    const now = this.terminal.now();
    const { sessions, users } = busiestFirst(overview);
    const columns = topColumns(overview, now);
    const look = {
      width: widthOf(this.terminal),
      isCut: true,
      ...(hasColor(this.terminal) ? { title: (text: string) => styled(this.terminal, 'bold', text) } : {}),
    };
    const room = rows - 2; // title and empty line
    const table = <Row>(
      all: readonly Row[],
      of: Parameters<typeof formatTable<Row>>[1],
      most: number,
      none: string,
    ) => {
      if (all.length === 0) return [none];
      const lines = formatTable(all, of, look).split('\n');
      if (lines.length <= most) return lines;
      const shown = Math.max(1, most - 1);
      return [...lines.slice(0, shown), `… ${lines.length - shown} more`];
    };
    const below = Math.min(users.length + 2, Math.max(6, Math.floor(room * 0.4)));
    const above = table(sessions, columns.sessions, room - below, 'There are no sessions.');
    const people = table(users, columns.users, room - above.length - 1, 'Nobody is connected.');
    return [
      cut(topTitle(overview, now), look.width ?? Number.POSITIVE_INFINITY),
      '',
      ...above,
      '',
      ...people,
    ].join('\n');
  }
}
