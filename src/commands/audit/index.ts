// `dp audit`: who changed what, when and from where, as a table, CSV, JSON, JSON lines, or as it continues.

import { setTimeout as wait } from 'node:timers/promises';
import type { Admin } from '../../lib/admin/admin.js';
import { exportedChange } from '../../lib/admin/audit.js';
import type { AuditEntry, AuditFilter } from '../../lib/admin/needs.js';
import { list, type Static } from '../../lib/admin/schema.js';
import { AdminCommand } from '../../lib/cli/admin-command.js';
import { auditColumns, auditObject } from '../../lib/cli/audit-texts.js';
import { periodFlags, readAddress } from '../../lib/cli/entry-flags.js';
import { readPast } from '../../lib/cli/moments.js';
import { Flags } from '../../lib/cli/oclif.js';
import { formatCsv } from '../../lib/cli/tables.js';
import { printable, printableJson } from '../../lib/core/printable.js';

const followIntervalMs = 500;

export default class Audit extends AdminCommand {
  static override summary = 'Show who changed what';
  static override description =
    'Shows the newest matching changes, oldest first: of settings, accounts, bans, sessions and their users, by a ' +
    'command, the admin API, an operator in a session or a rule of the server. Passwords are never part of it. ' +
    'Changes must match all filters; of several names, one match is enough.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --after 7d --what ban',
    '<%= config.bin %> <%= command.id %> --by alice --what session.kick,session.ban',
    '<%= config.bin %> <%= command.id %> --all --jsonl > audit.jsonl',
    '<%= config.bin %> <%= command.id %> --follow',
  ];
  static override flags = {
    ...periodFlags,
    by: Flags.string({
      multiple: true,
      delimiter: ',',
      helpValue: 'NAME',
      summary: 'Only changes by this name or kind of actor: operator, moderator, administrator, rule, …',
    }),
    address: Flags.string({
      multiple: true,
      delimiter: ',',
      helpValue: 'ADDRESS',
      summary: 'Only changes from this IP address',
      aliases: ['ip'],
    }),
    what: Flags.string({
      multiple: true,
      delimiter: ',',
      helpValue: 'WHAT',
      summary: 'Only changes of this kind: session.kick, or session for all kinds in its area',
    }),
    on: Flags.string({
      multiple: true,
      delimiter: ',',
      helpValue: 'NAME',
      summary: 'Only changes of this account, user, session id or ban (ip:3)',
    }),
    session: Flags.string({
      multiple: true,
      delimiter: ',',
      helpValue: 'ID',
      summary: 'Only changes in this session',
    }),
    contains: Flags.string({
      helpValue: 'TEXT',
      summary: 'Only changes whose values contain this text',
    }),
    limit: Flags.integer({
      char: 'n',
      default: 100,
      min: 1,
      helpValue: 'N',
      summary: 'Maximum number of changes',
    }),
    all: Flags.boolean({ summary: 'Show any number of changes' }),
    csv: Flags.boolean({ summary: 'Print comma-separated values', exclusive: ['json', 'jsonl', 'follow'] }),
    jsonl: Flags.boolean({ summary: 'Print one JSON object per line', exclusive: ['json', 'csv'] }),
    follow: Flags.boolean({
      char: 'f',
      summary: 'Continue with new changes; with --json, one object per line. Ends with Ctrl-C',
    }),
  };

  static override ownAnswers = {
    '': { shape: list(exportedChange) },
    '--follow': { shape: exportedChange, isLines: true },
    '--jsonl': { shape: exportedChange, isLines: true },
  } as const;

  async run(): Promise<readonly Static<typeof exportedChange>[] | undefined> {
    const { flags } = await this.parse(Audit);
    const now = this.terminal.now();
    const filter: AuditFilter = {
      order: 'newest',
      ...(flags.after !== undefined && { from: readPast(flags.after, now) }),
      ...(flags.before !== undefined && { until: readPast(flags.before, now) }),
      ...(flags.by && { by: flags.by }),
      ...(flags.address && { addresses: flags.address.map(readAddress) }),
      ...(flags.what && { what: flags.what }),
      ...(flags.on && { on: flags.on }),
      ...(flags.session && { sessions: flags.session }),
      ...(flags.contains !== undefined && { contains: flags.contains }),
    };
    const limit = flags.all ? {} : { limit: flags.limit };
    const isJson = flags.jsonl || this.jsonEnabled();
    return this.withAdmin(flags, async (admin) => {
      if (flags.follow) return this.#follow(admin, { ...filter, ...limit }, isJson);
      const entries = [...(await admin.run('audit.query', { ...filter, ...limit }))].reverse();
      if (flags.jsonl) for (const entry of entries) this.#line(entry);
      else if (flags.csv) this.logText(formatCsv(entries, auditColumns));
      else this.table(entries, auditColumns, 'No changes.');
      return entries.map(auditObject);
    });
  }

  async #follow(admin: Admin, filter: AuditFilter, isJson: boolean): Promise<undefined> {
    const print = (entry: AuditEntry) => (isJson ? this.#line(entry) : this.#row(entry));
    // asked first: what comes meanwhile is in the list
    const [newest] = await admin.run('audit.query', { order: 'newest', limit: 1 });
    const past = [...(await admin.run('audit.query', filter))].reverse();
    past.forEach(print);
    const { order: _order, limit: _limit, ...rest } = filter;
    let lastId = past.at(-1)?.id ?? newest?.id ?? 0;
    while (!this.terminal.stdout.destroyed) {
      const more = await admin.run('audit.query', { ...rest, order: 'oldest', afterId: lastId });
      more.forEach(print);
      lastId = more.at(-1)?.id ?? lastId;
      await wait(followIntervalMs);
    }
  }

  #line(entry: AuditEntry): void {
    this.terminal.stdout.write(`${printableJson(auditObject(entry))}\n`);
  }

  /** A line by itself, without a table that it could be aligned to. */
  #row(entry: AuditEntry): void {
    const cells = auditColumns.map(({ value }) => value(entry) ?? '').filter((cell) => cell !== '');
    this.terminal.stdout.write(`${printable(cells.join('  '))}\n`);
  }
}
