// `dp log`: what happened on the server, filtered, as a table, CSV, JSON, or as it continues.

import { setTimeout as wait } from 'node:timers/promises';
import type { Admin, Following } from '../../lib/admin/admin.js';
import { selectLog } from '../../lib/admin/memory-stores.js';
import type { LogFilter, LogRow } from '../../lib/admin/needs.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { periodFlags, readAddress } from '../../lib/cli/entry-flags.js';
import { chooseLogColumns, formatLogLine, logColumnNames, readTopics } from '../../lib/cli/log-texts.js';
import { readPast } from '../../lib/cli/moments.js';
import { Flags } from '../../lib/cli/oclif.js';
import { formatCsv } from '../../lib/cli/tables.js';
import { onceClosed } from '../../lib/cli/terminal.js';
import { Refusal, refusal } from '../../lib/core/errors.js';
import { logLevels } from '../../lib/core/log-levels.js';
import { printableJson } from '../../lib/core/printable.js';
import type { LogEntry } from '../../lib/core/session/needs.js';

const followIntervalMs = 500;

export default class Log extends AdminCommand {
  static override hiddenAliases = ['logs'];
  static override summary = 'Show the server log';
  static override description =
    'Shows the newest matching entries, oldest first. Entries must match all filters; of several names, ' +
    'addresses, sessions or topics, one match is enough.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --after 2h --level warn',
    '<%= config.bin %> <%= command.id %> --user alice --user bob --csv --all',
    '<%= config.bin %> <%= command.id %> --follow --topic Join,Leave',
  ];
  static override flags = {
    ...periodFlags,
    user: Flags.string({
      multiple: true,
      delimiter: ',',
      helpValue: 'NAME',
      summary: 'Only entries of this user (case-insensitive)',
      aliases: ['name'],
    }),
    address: Flags.string({
      multiple: true,
      delimiter: ',',
      helpValue: 'ADDRESS',
      summary: 'Only entries from this IP address',
      aliases: ['ip'],
    }),
    session: Flags.string({
      multiple: true,
      delimiter: ',',
      helpValue: 'ID',
      summary: 'Only entries about this session',
    }),
    topic: Flags.string({
      multiple: true,
      delimiter: ',',
      helpValue: 'TOPIC',
      summary: 'Only entries of this topic: Join, Leave, Kick, Ban, …',
    }),
    level: Flags.option({ options: logLevels })({
      summary: 'Minimum severity',
    }),
    contains: Flags.string({ helpValue: 'TEXT', summary: 'Only messages that contain this text' }),
    limit: Flags.integer({
      char: 'n',
      default: 100,
      min: 1,
      helpValue: 'N',
      summary: 'Maximum number of entries',
    }),
    all: Flags.boolean({ summary: 'Show any number of entries' }),
    columns: Flags.string({
      helpValue: 'NAME,…',
      summary: `Columns of the table or CSV: ${logColumnNames.join(' ')}`,
    }),
    csv: Flags.boolean({ summary: 'Print comma-separated values', exclusive: ['json'] }),
    follow: Flags.boolean({
      char: 'f',
      summary:
        'Continue with new entries; with --json, one object per line. Ends with Ctrl-C or when the server stops',
    }),
  };
  static override answers = ['log.query'] as const;

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Log);
    const columns = chooseLogColumns(flags.columns);
    const now = this.terminal.now();
    const filter: LogFilter = {
      order: 'newest',
      ...(flags.after === undefined ? {} : { from: readPast(flags.after, now) }),
      ...(flags.before === undefined ? {} : { until: readPast(flags.before, now) }),
      ...(flags.user === undefined ? {} : { names: flags.user }),
      ...(flags.address === undefined ? {} : { addresses: flags.address.map(readAddress) }),
      ...(flags.session === undefined ? {} : { sessions: flags.session }),
      ...(flags.topic === undefined ? {} : { topics: readTopics(flags.topic) }),
      ...(flags.level === undefined ? {} : { level: flags.level }),
      ...(flags.contains === undefined ? {} : { contains: flags.contains }),
    };
    const limit = flags.all ? {} : { limit: flags.limit };
    return this.withAdmin(flags, async (admin) => {
      if (flags.follow) return this.follow(admin, filter, limit);
      const rows = [...(await admin.run('log.query', { ...filter, ...limit }))].reverse();
      if (flags.csv) this.logText(formatCsv(rows, columns));
      else this.table(rows, columns, 'No entries.');
      return rows;
    });
  }

  /** What a running server writes; where none runs, what comes into its data. */
  private async follow(admin: Admin, filter: LogFilter, limit: { limit?: number }): Promise<void> {
    const print = (row: LogRow) => {
      const line = this.jsonEnabled() ? printableJson(withoutId(row)) : formatLogLine(row);
      this.terminal.stdout.write(`${line}\n`);
    };
    // what is written while the past is asked for waits, and is shown once
    let waiting: LogEntry[] | undefined = [];
    const show = (entry: LogEntry) => {
      if (selectLog([{ ...entry, id: 0 }], filter).length > 0) print({ ...entry, id: 0 });
    };
    const following = await startFollowing(admin, (entry) => {
      if (waiting) waiting.push(entry);
      else show(entry);
    });
    try {
      const rows = await pastOf(admin, { ...filter, ...limit }, following !== undefined);
      rows.forEach(print);
      if (!following) return await this.poll(admin, filter, rows, print);
      const shown = new Set(rows.map((row) => formatLogLine(row)));
      const missed = waiting.filter((entry) => !shown.has(formatLogLine({ ...entry, id: 0 })));
      waiting = undefined;
      missed.forEach(show);
      await Promise.race([following.ended, onceClosed(this.terminal.stdout)]);
    } finally {
      following?.stop();
    }
    if (!this.terminal.stdout.destroyed) {
      throw refusal('server-gone');
    }
  }

  private async poll(
    admin: Admin,
    filter: LogFilter,
    rows: readonly LogRow[],
    print: (row: LogRow) => void,
  ): Promise<void> {
    // entries that do not fit the filter move the end as well
    const [newest] = await admin.run('log.query', { order: 'newest', limit: 1 });
    let lastId = Math.max(newest?.id ?? 0, rows.at(-1)?.id ?? 0);
    // what came between the two questions is asked for again below
    lastId = Math.min(lastId, rows.at(-1)?.id ?? lastId);
    while (!this.terminal.stdout.destroyed) {
      const more = await admin.run('log.query', { ...filter, order: 'oldest', afterId: lastId });
      more.forEach(print);
      lastId = more.at(-1)?.id ?? lastId;
      await wait(followIntervalMs);
    }
  }
}

/** Undefined where no server of ours runs, whose log can still be asked for again and again. */
async function startFollowing(
  admin: Admin,
  listener: (entry: LogEntry) => void,
): Promise<Following | undefined> {
  try {
    return await admin.follow(listener);
  } catch (error) {
    // a server that cannot be reached says so at the next question
    if (error instanceof Refusal && (error.kind === 'unreachable' || error.kind === 'unsupported')) {
      return undefined;
    }
    throw error;
  }
}

/** Oldest first. A server with a settings file keeps no past; from now on it can be followed all the same. */
async function pastOf(admin: Admin, filter: LogFilter, isLive: boolean): Promise<LogRow[]> {
  try {
    return [...(await admin.run('log.query', filter))].reverse();
  } catch (error) {
    if (isLive && error instanceof Refusal && error.kind === 'unsupported') return [];
    throw error;
  }
}

/** A followed entry has no number yet. */
function withoutId({ id, ...entry }: LogRow): object {
  return id === 0 ? entry : { id, ...entry };
}
