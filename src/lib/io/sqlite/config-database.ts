// A configuration database as its stores, synchronous: commands use it as it is, a server from a thread of its own
// (database-thread.ts). Opening it is where the two differ: a command takes the file as it finds it.

import * as fs from 'node:fs';
import * as path from 'node:path';
import type Database from 'better-sqlite3';
import type {
  BanChange,
  BanKind,
  LogFilter,
  LogRow,
  NewBan,
  StoredAccount,
  StoredBan,
  StoredProblem,
  Stores,
} from '../../admin/needs.js';
import { Fault, Refusal } from '../../core/errors.js';
import { readReaction, readStoredExpiry, storedBanProblem } from '../../core/login/ban-table.js';
import type { LogEntry, LogTopic } from '../../core/session/needs.js';
import { readStoredSettings } from '../../core/settings/layers.js';
import { readPasswordForm } from '../../core/settings/password-form.js';
import { isSettingName, settingOfAlias, settingRow } from '../../core/settings/settings.js';
import { formatDateTime, formatTimestamp, lastMoment, parseDateTime } from '../../core/units.js';
import { ensureRegular, fileModes, statRegular, UnusableFile } from '../files/regular-file.js';
import { databaseFault, isBusy } from './faults.js';
import { loadSqlite, openSqlite } from './library.js';
import { newestVersion, type TableName, tableNames, tables } from './schema.js';

const levels = ['error', 'warn', 'info', 'debug'] as const;

/** How the originals write "for good"; the year is far enough for every comparison. */
const forGood = formatDateTime(lastMoment);

/** Everything that a server looks up all the time, read at one moment. */
export interface ConfigSnapshot {
  /** Stored names and texts, unknown names included. */
  settings: ReadonlyMap<string, string>;
  accounts: readonly StoredAccount[];
  bans: readonly StoredBan[];
  listServers: readonly string[];
  /** External bans (config.md §7) that are switched off here. */
  disabledExternalBans: readonly number[];
  locks: AdminLocks;
  problems: readonly StoredProblem[];
}

/** What administrators locked against changes over REST (http.md §1.4). */
export interface AdminLocks {
  sections: readonly string[];
  /** Stored form of the password, '' for none. */
  passwordHash: string;
}

export interface OpenOptions {
  /** A server makes missing tables and switches to WAL; a command takes the file as it is. */
  role: 'server' | 'command';
  /** How long someone else's lock is waited for. */
  waitMs?: number;
  now?: () => number;
}

export class ConfigDatabase implements Stores {
  readonly kind = 'database';
  readonly place: string;
  readonly #database: Database.Database;
  readonly #now: () => number;
  readonly #statements = new Map<string, Database.Statement>();

  private constructor(place: string, database: Database.Database, now: () => number) {
    this.place = place;
    this.#database = database;
    this.#now = now;
    addLogFunctions(database);
  }

  /**
   * Opens the file. For a server it is made when missing (its folder must be there), checked, brought up to the
   * tables of 2.3 with a backup beside it, and switched to WAL. Fault or Refusal with the way out.
   */
  static async open(file: string, options: OpenOptions): Promise<ConfigDatabase> {
    const place = path.resolve(file);
    const isServer = options.role === 'server';
    const isNew = checkPlace(place, isServer);
    let database: Database.Database | undefined;
    try {
      // SQLite would make it readable by everybody.
      if (isServer) ensureRegular(place, fileModes.secret);
      database = openSqlite(place, { fileMustExist: !isServer, timeout: options.waitMs ?? 3000 });
      // The originals switch foreign keys off (config.md §3); our tables have none.
      database.pragma('foreign_keys = OFF');
      // An answer means that it is on the disk; without this, WAL would leave the last ones to luck in a power cut.
      database.pragma('synchronous = FULL');
      checkTables(place, database);
      if (isServer) await prepareForServer(place, database, isNew, (options.now ?? Date.now)());
      return new ConfigDatabase(place, database, options.now ?? Date.now);
    } catch (cause) {
      database?.close();
      throw databaseFault(place, cause);
    }
  }

  /** Loads the library that comes with the first database, for those who can't load anything later. */
  static load(): void {
    loadSqlite();
  }

  close(): void {
    this.#database.close();
  }

  /** Someone else's lock: wait this long (milliseconds), then the call fails with a Fault. */
  waitForLocks(ms: number): void {
    this.#database.pragma(`busy_timeout = ${Math.trunc(ms)}`);
  }

  /** Changes whenever another connection has written. */
  dataVersion(): number {
    return this.#database.pragma('data_version', { simple: true }) as number;
  }

  /** Everything at one moment. */
  snapshot(): ConfigSnapshot {
    return this.#reading(() =>
      this.#database.transaction(() => ({
        settings: this.#settings(),
        accounts: this.accounts.all(),
        bans: this.bans.all(),
        listServers: this.listServers.all(),
        disabledExternalBans: this.disabledExternalBans.all(),
        locks: this.locks.get(),
        problems: this.problems(),
      }))(),
    );
  }

  readonly settings = {
    /** Where only the manual's spelling is stored, it is what holds (core/settings/layers.ts). */
    all: (): ReadonlyMap<string, string> => this.#reading(() => this.#settings()),
    change: (values: ReadonlyMap<string, string | undefined>): void =>
      this.#writing(() => {
        const remove = this.#statement('settings', 'DELETE FROM settings WHERE key = ?');
        const put = this.#statement('settings', 'INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)');
        for (const [name, text] of values) {
          if (text !== undefined) put.run(name, text);
          else for (const spelling of spellings(name)) remove.run(spelling);
        }
      }),
  };

  readonly accounts = {
    all: (): readonly StoredAccount[] =>
      this.#reading(() =>
        this.#rows<{ id: number; username: unknown; password: unknown; locked: unknown; flags: unknown }>(
          'users',
          'SELECT rowid AS id, username, password, locked, flags FROM users ORDER BY rowid',
        ).map((row) => ({
          id: row.id,
          name: textOf(row.username),
          password: textOf(row.password),
          isLocked: numberOf(row.locked) !== 0,
          // as they are written: the old admin API shows them again (http.md §1.11)
          flags: textOf(row.flags) === '' ? [] : textOf(row.flags).split(','),
        })),
      ),
    add: (account: Omit<StoredAccount, 'id'>): StoredAccount =>
      this.#writing(() => {
        this.#requireFreeName(account.name);
        const { lastInsertRowid } = this.#statement(
          'users',
          'INSERT INTO users (username, password, locked, flags) VALUES (?, ?, ?, ?)',
        ).run(
          account.name,
          passwordBytes(account.password),
          account.isLocked ? 1n : 0n,
          account.flags.join(','),
        );
        return { ...account, id: Number(lastInsertRowid) };
      }),
    change: (id: number, change: Partial<Omit<StoredAccount, 'id'>>): boolean =>
      this.#writing(() => {
        const old = this.accounts.all().find((account) => account.id === id);
        if (!old) return false;
        if (change.name !== undefined && change.name !== old.name) this.#requireFreeName(change.name);
        const set = (column: string, value: unknown) =>
          this.#statement('users', `UPDATE users SET ${column} = ? WHERE rowid = ?`).run(value, id);
        // What is not changed keeps its storage class as well.
        if (change.name !== undefined) set('username', change.name);
        if (change.password !== undefined) set('password', passwordBytes(change.password));
        if (change.isLocked !== undefined) set('locked', change.isLocked ? 1n : 0n);
        if (change.flags !== undefined) set('flags', change.flags.join(','));
        return true;
      }),
    remove: (id: number): boolean =>
      this.#writing(() => this.#statement('users', 'DELETE FROM users WHERE rowid = ?').run(id).changes > 0),
  };

  readonly bans = {
    keepsDetails: true as const,
    all: (): readonly StoredBan[] => this.#reading(() => this.#bans()),
    add: (ban: NewBan): StoredBan =>
      this.#writing(() => {
        const expires = ban.expires === undefined ? forGood : formatDateTime(ban.expires);
        const added = this.#now();
        if (ban.kind === 'ip') {
          const same = this.#bans().find(
            (known) => known.kind === 'ip' && known.address === ban.address && known.bits === ban.bits,
          );
          if (same) return same;
          const { lastInsertRowid } = this.#statement(
            'ipbans',
            'INSERT INTO ipbans (ip, subnet, expires, comment, added) VALUES (?, ?, ?, ?, ?)',
          ).run(ban.address, BigInt(ban.bits), expires, ban.comment, formatDateTime(added));
          return { ...ban, id: Number(lastInsertRowid), added };
        }
        const [table, column, who] =
          ban.kind === 'client'
            ? (['systembans', 'sid', ban.sid] as const)
            : (['userbans', 'userid', BigInt(ban.userId)] as const);
        const { lastInsertRowid } = this.#statement(
          table,
          `INSERT INTO ${table} (${column}, reaction, expires, comment, reason, added) VALUES (?, ?, ?, ?, ?, ?)`,
        ).run(who, ban.reaction, expires, ban.comment, ban.reason, formatDateTime(added));
        return { ...ban, id: Number(lastInsertRowid), added };
      }),
    change: (kind: BanKind, id: number, change: BanChange): boolean =>
      this.#writing(() => {
        const table = banTables[kind];
        const key = kind === 'ip' ? 'rowid' : 'id';
        const has = this.#statement(table, `SELECT 1 FROM ${table} WHERE ${key} = ?`).get(id) !== undefined;
        if (!has) return false;
        const set = (column: string, value: string) =>
          this.#statement(table, `UPDATE ${table} SET ${column} = ? WHERE ${key} = ?`).run(value, id);
        if ('expires' in change) {
          set('expires', change.expires === undefined ? forGood : formatDateTime(change.expires));
        }
        if (change.comment !== undefined) set('comment', change.comment);
        if (kind !== 'ip' && change.reason !== undefined) set('reason', change.reason);
        if (kind !== 'ip' && change.reaction !== undefined) set('reaction', change.reaction);
        return true;
      }),
    remove: (bans: readonly { kind: BanKind; id: number }[]): number =>
      this.#writing(() => {
        let removed = 0;
        for (const { kind, id } of bans) {
          const table = banTables[kind];
          const key = kind === 'ip' ? 'rowid' : 'id';
          removed += this.#statement(table, `DELETE FROM ${table} WHERE ${key} = ?`).run(id).changes;
        }
        return removed;
      }),
  };

  readonly listServers = {
    entries: 'patterns' as const,
    all: (): readonly string[] =>
      this.#reading(() =>
        this.#rows<{ url: unknown }>('listingservers', 'SELECT url FROM listingservers ORDER BY rowid')
          .map(({ url }) => textOf(url))
          .filter((url) => url !== ''),
      ),
    replace: (list: readonly string[]): void =>
      this.#writing(() => {
        this.#statement('listingservers', 'DELETE FROM listingservers').run();
        const put = this.#statement('listingservers', 'INSERT INTO listingservers (url) VALUES (?)');
        for (const url of list) put.run(url);
      }),
  };

  readonly log = {
    query: (filter: LogFilter): readonly LogRow[] => this.#reading(() => this.#queryLog(filter)),
    /** Removes entries older than this (milliseconds since 1970); how many. */
    purge: (before: number): number =>
      this.#writing(
        () =>
          this.#statement('serverlog', 'DELETE FROM serverlog WHERE timestamp < ?').run(timestampFrom(before))
            .changes,
      ),
    /** All in one transaction, in this order. */
    append: (entries: readonly LogEntry[]): void =>
      this.#writing(() => {
        const put = this.#statement(
          'serverlog',
          'INSERT INTO serverlog (timestamp, level, topic, user, session, message) VALUES (?, ?, ?, ?, ?, ?)',
        );
        for (const { time, level, topic, user, session, message } of entries) {
          // 2.3 writes empty strings where 2.1 wrote NULL (config.md §3).
          const who = user ? `${user.id};${user.ip};${user.name}` : '';
          put.run(formatTimestamp(time), BigInt(levels.indexOf(level)), topic, who, session ?? '', message);
        }
      }),
  };

  readonly disabledExternalBans = {
    all: (): readonly number[] =>
      this.#reading(() =>
        this.#rows<{ id: number }>('disabledextbans', 'SELECT id FROM disabledextbans ORDER BY id').map(
          ({ id }) => id,
        ),
      ),
    set: (id: number, isDisabled: boolean): void =>
      this.#writing(() => {
        const sql = isDisabled
          ? 'INSERT OR IGNORE INTO disabledextbans (id) VALUES (?)'
          : 'DELETE FROM disabledextbans WHERE id = ?';
        this.#statement('disabledextbans', sql).run(id);
      }),
  };

  readonly locks = {
    get: (): AdminLocks =>
      this.#reading(() => {
        const sections: string[] = [];
        let passwordHash = '';
        for (const { key, value } of this.#rows<{ key: unknown; value: unknown }>(
          'settings',
          "SELECT key, value FROM settings WHERE key LIKE '\\_lock\\_admin\\_%' ESCAPE '\\' ORDER BY key",
        )) {
          const name = textOf(key);
          if (name === '_lock_admin_hash') passwordHash = textOf(value);
          else if (name.startsWith(sectionPrefix) && numberOf(value) !== 0) {
            sections.push(name.slice(sectionPrefix.length));
          }
        }
        return { sections, passwordHash };
      }),
    /** Takes the place of all locks and of their password (http.md §1.4). */
    set: ({ sections, passwordHash }: AdminLocks): void =>
      this.#writing(() => {
        this.#statement(
          'settings',
          "DELETE FROM settings WHERE key LIKE '\\_lock\\_admin\\_%' ESCAPE '\\'",
        ).run();
        const put = this.#statement('settings', 'INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)');
        // Storage classes as the originals': INTEGER and BLOB (config.md §3).
        for (const section of sections) put.run(sectionPrefix + section, 1n);
        if (passwordHash !== '') put.run('_lock_admin_hash', Buffer.from(passwordHash));
      }),
  };

  /** What in here can't be used, row by row. */
  problems(): readonly StoredProblem[] {
    const problems: StoredProblem[] = [];
    const rows = this.#reading(() =>
      this.#rows<{ key: unknown; value: unknown }>(
        'settings',
        'SELECT key, value FROM settings ORDER BY rowid',
      ),
    );
    const read = readStoredSettings(rows.map(({ key, value }) => [textOf(key), textOf(value)] as const));
    for (const { subject, message, hint } of read.problems) {
      problems.push({ message: `${subject}: ${message}`, ...(hint === undefined ? {} : { hint }) });
    }
    for (const { name, password } of this.accounts.all()) {
      const form = readPasswordForm(password);
      if (form.form !== 'invalid') continue;
      problems.push({ message: `account '${name}': nobody can log in: ${form.problem}`, hint: form.hint });
    }
    for (const ban of this.bans.all()) {
      const problem = ban.kind === 'ip' ? storedBanProblem(ban) : undefined;
      if (ban.kind !== 'ip' || problem === undefined) continue;
      problems.push({
        message: `ban ip:${ban.id} (${ban.address}/${ban.bits}): ${problem.message}`,
        hint: `${problem.hint}: dp ban remove ip:${ban.id}`,
      });
    }
    problems.push(...this.#expiryProblems());
    for (const pattern of this.listServers.all()) {
      try {
        new RegExp(pattern);
      } catch (error) {
        problems.push({ message: `list server '${pattern}': ${(error as Error).message}` });
      }
    }
    return problems;
  }

  #settings(): ReadonlyMap<string, string> {
    const stored = new Map<string, string>();
    for (const { key, value } of this.#rows<{ key: unknown; value: unknown }>(
      'settings',
      'SELECT key, value FROM settings ORDER BY rowid',
    )) {
      const name = textOf(key);
      if (!name.startsWith('_lock_admin_')) stored.set(name, textOf(value));
    }
    for (const [key, text] of [...stored]) {
      const name = settingOfAlias(key);
      if (name === undefined) continue;
      stored.delete(key);
      if (!stored.has(name)) stored.set(name, text);
    }
    return stored;
  }

  #expiryProblems(): StoredProblem[] {
    return (['ip', 'client', 'user'] as const).flatMap((kind) => {
      const table = banTables[kind];
      const [key, who] = { ip: ['rowid', 'ip'], client: ['id', 'sid'], user: ['id', 'userid'] }[kind];
      const rows = this.#reading(() =>
        this.#rows<{ id: number; who: unknown; expires: unknown }>(
          table,
          `SELECT ${key} AS id, ${who} AS who, expires FROM ${table} ORDER BY ${key}`,
        ),
      );
      return rows.flatMap(({ id, who, expires }) => {
        const { problem } = readStoredExpiry(expires, this.#now());
        if (problem === undefined) return [];
        const ref = `${kind}:${id}`;
        return [
          {
            message: `ban ${ref} (${textOf(who)}): ${problem}`,
            hint: `set it with: dp ban edit ${ref} --expires never, or a date (2030-01-31); or remove the ban: dp ban remove ${ref}`,
          },
        ];
      });
    });
  }

  #bans(): readonly StoredBan[] {
    const now = this.#now();
    const facts = (row: { id: number; expires: unknown; comment: unknown; added: unknown }) => ({
      id: row.id,
      expires: readStoredExpiry(row.expires, now).expires,
      comment: textOf(row.comment),
      added: parseDateTime(textOf(row.added)),
    });
    type Row = {
      id: number;
      who: unknown;
      expires: unknown;
      comment: unknown;
      added: unknown;
      reaction: unknown;
      reason: unknown;
    };
    const bans: StoredBan[] = [];
    for (const row of this.#rows<Row & { subnet: unknown }>(
      'ipbans',
      'SELECT rowid AS id, ip AS who, subnet, expires, comment, added FROM ipbans ORDER BY rowid',
    )) {
      bans.push({ ...facts(row), kind: 'ip', address: textOf(row.who), bits: numberOf(row.subnet) });
    }
    for (const row of this.#rows<Row>(
      'systembans',
      'SELECT id, sid AS who, reaction, expires, comment, reason, added FROM systembans ORDER BY id',
    )) {
      const reaction = readReaction(textOf(row.reaction)) ?? 'normal';
      bans.push({
        ...facts(row),
        kind: 'client',
        sid: textOf(row.who),
        reaction,
        reason: textOf(row.reason),
      });
    }
    for (const row of this.#rows<Row>(
      'userbans',
      'SELECT id, userid AS who, reaction, expires, comment, reason, added FROM userbans ORDER BY id',
    )) {
      const reaction = readReaction(textOf(row.reaction)) ?? 'normal';
      bans.push({
        ...facts(row),
        kind: 'user',
        userId: numberOf(row.who),
        reaction,
        reason: textOf(row.reason),
      });
    }
    return bans;
  }

  #queryLog(filter: LogFilter): LogRow[] {
    if (!this.#has('serverlog')) return [];
    const terms: string[] = [];
    const values: unknown[] = [];
    const term = (sql: string, ...given: unknown[]) => {
      terms.push(sql);
      values.push(...given);
    };
    const oneOf = (column: string, list: readonly string[]) =>
      term(`${column} IN (${list.map(() => '?').join(', ')})`, ...list.map((text) => text.toLowerCase()));
    if (filter.from !== undefined) term('timestamp >= ?', timestampFrom(filter.from));
    if (filter.until !== undefined) term('timestamp < ?', timestampFrom(filter.until));
    if (filter.afterId !== undefined) term('rowid > ?', filter.afterId);
    if (filter.user) term('instr(dp_lower(user), ?) > 0', filter.user.toLowerCase());
    if (filter.contains) term('instr(dp_lower(message), ?) > 0', filter.contains.toLowerCase());
    if (filter.names) oneOf('dp_lower(dp_user_part(user, 2))', filter.names);
    if (filter.addresses) oneOf('dp_lower(dp_user_part(user, 1))', filter.addresses);
    if (filter.sessions) oneOf('dp_lower(session)', filter.sessions);
    if (filter.topics) term(`topic IN (${filter.topics.map(() => '?').join(', ')})`, ...filter.topics);
    if (filter.level !== undefined) term('level <= ?', levels.indexOf(filter.level));
    const where = terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '';
    const order = filter.order === 'newest' ? 'DESC' : 'ASC';
    const sql = `SELECT rowid AS id, timestamp, level, topic, user, session, message FROM serverlog ${where}
      ORDER BY rowid ${order} LIMIT ? OFFSET ?`;
    type Row = {
      id: number;
      timestamp: unknown;
      level: unknown;
      topic: unknown;
      user: unknown;
      session: unknown;
      message: unknown;
    };
    const rows = this.#database.prepare(sql).all(...values, filter.limit ?? -1, filter.skip ?? 0) as Row[];
    return rows.map((row) => {
      const who = splitUser(textOf(row.user));
      const session = textOf(row.session);
      return {
        id: row.id,
        time: parseDateTime(textOf(row.timestamp)) ?? 0,
        level: levels[Math.max(0, Math.min(3, numberOf(row.level)))]!,
        topic: textOf(row.topic) as LogTopic,
        message: textOf(row.message),
        ...(session === '' ? {} : { session }),
        ...(who ? { user: who } : {}),
      };
    });
  }

  #requireFreeName(name: string): void {
    // Weak typing: a name that was stored as a number is the same name.
    if (!this.accounts.all().some((account) => account.name === name)) return;
    throw new Refusal('conflict', `there is an account '${name}' already`, `try: dp user show ${name}`);
  }

  #has(table: TableName): boolean {
    return hasTable(this.#database, table);
  }

  /** Rows of a table, none when the table is not there: files of 2.1 have fewer of them. */
  #rows<Row>(table: TableName, sql: string): Row[] {
    return this.#has(table) ? (this.#statement(table, sql).all() as Row[]) : [];
  }

  /** For writing: the table must be there. */
  #statement(table: TableName, sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      if (!this.#has(table)) {
        throw new Refusal(
          'unsupported',
          `the database ${this.place} is from drawpile-srv 2.1 and has no table ${table}`,
          `start it once with this server: dp serve --database ${this.place}`,
        );
      }
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #reading<T>(read: () => T): T {
    try {
      return read();
    } catch (cause) {
      throw databaseFault(this.place, cause);
    }
  }

  /** One transaction; the lock is taken at its beginning, so that nothing is half done when it can't be had. */
  #writing<T>(write: () => T): T {
    try {
      return this.#database.transaction(write).immediate();
    } catch (cause) {
      throw databaseFault(this.place, cause);
    }
  }
}

const sectionPrefix = '_lock_admin_section_';
const banTables = { ip: 'ipbans', client: 'systembans', user: 'userbans' } as const;

function spellings(name: string): readonly string[] {
  return isSettingName(name) ? [name, ...settingRow(name).aliases] : [name];
}

/** Whether the file has yet to be made. Refusal for a folder, for a command on nothing, for a missing folder. */
function checkPlace(place: string, mayCreate: boolean): boolean {
  const stat = statDatabase(place);
  if (stat) return stat.size === 0;
  if (!mayCreate) {
    throw new Refusal(
      'notFound',
      `there is no database ${place}`,
      `'dp init' or 'dp serve --database ${place}' makes one`,
    );
  }
  const folder = path.dirname(place);
  if (!fs.existsSync(folder)) {
    throw new Fault(`the database ${place} can't be made: its folder does not exist`, {
      hint: `mkdir -p ${folder}`,
    });
  }
  return true;
}

/** Refusal for what is no regular file: SQLite would wait for it. */
function statDatabase(place: string): fs.Stats | undefined {
  try {
    return statRegular(place);
  } catch (cause) {
    if (!(cause instanceof UnusableFile)) throw cause;
    throw new Refusal(
      'badInput',
      `cannot open the database ${place}: ${cause.message}`,
      'give the path of a file',
    );
  }
}

/** Refuses what is no configuration database, or one of a time to come. Only reads. */
function checkTables(place: string, database: Database.Database): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > newestVersion) {
    throw new Fault(`the database ${place} was made by a newer program (version ${version} of its tables)`, {
      hint: 'nothing was changed; update dp, or go back to a backup of the file',
    });
  }
  for (const table of tableNames) {
    if (!hasTable(database, table)) continue;
    const columns = (database.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
    const missing = tables[table].columns.find((column) => !columns.includes(column));
    if (missing === undefined) continue;
    throw new Fault(`the table ${table} of the database ${place} has no column ${missing}`, {
      hint: 'nothing was changed; this is no configuration database, give the path of another file',
    });
  }
}

function hasTable(database: Database.Database, table: TableName): boolean {
  return (
    database.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").get(table) !== undefined
  );
}

/** Integrity, backup, tables, WAL: only for a server that starts (config.md §3). */
async function prepareForServer(
  place: string,
  database: Database.Database,
  isNew: boolean,
  now: number,
): Promise<void> {
  checkIntegrity(place, database);
  const missing = tableNames.filter((table) => !hasTable(database, table));
  const isWal = database.pragma('journal_mode', { simple: true }) === 'wal';
  if (missing.length === 0 && isWal) return;
  if (!isNew) {
    // Not VACUUM INTO: that may number the rows anew, and row numbers are the identities of accounts.
    const backup = `${place}.${formatTimestamp(now).replaceAll(/[-:]/g, '')}.bak`;
    try {
      ensureRegular(backup, fileModes.secret);
      await database.backup(backup);
      const copy = openSqlite(backup, { readonly: true });
      try {
        checkIntegrity(backup, copy);
      } finally {
        copy.close();
      }
    } catch (cause) {
      fs.rmSync(backup, { force: true });
      throw cause;
    }
  }
  if (missing.length > 0) {
    database
      .transaction(() => {
        for (const table of missing) if (!hasTable(database, table)) database.exec(tables[table].sql);
      })
      .immediate();
  }
  try {
    database.pragma('journal_mode = WAL');
  } catch (error) {
    // Somebody reads it right now. The next start switches; until then it works as it is.
    if (!isBusy(error)) throw error;
  }
}

function checkIntegrity(place: string, database: Database.Database): void {
  const answer = database.pragma('quick_check(1)', { simple: true });
  if (answer === 'ok') return;
  // The first line is a heading.
  const found = String(answer).split('\n').at(-1);
  throw new Fault(`the database ${place} is damaged: ${found}`, {
    hint: `nothing was changed; go back to a backup, or save what can be read: sqlite3 ${place} .recover | sqlite3 NEW`,
  });
}

function addLogFunctions(database: Database.Database): void {
  // SQLite's own lower() and LIKE only know the letters of ASCII.
  database.function('dp_lower', { deterministic: true }, (text) => textOf(text).toLowerCase());
  database.function('dp_user_part', { deterministic: true }, (text, part) => {
    const user = splitUser(textOf(text));
    return user ? [user.id, user.ip, user.name][Number(part)] : null;
  });
}

/** `id;ip;name`; the name may have more semicolons. config.md §8 */
function splitUser(text: string): { id: number; ip: string; name: string } | undefined {
  const match = /^(\d*);([^;]*);(.*)$/s.exec(text);
  return match ? { id: Number(match[1]), ip: match[2]!, name: match[3]! } : undefined;
}

/** The first stored second that is not before this moment. */
function timestampFrom(time: number): string {
  const latest = Date.UTC(9999, 11, 31);
  return formatTimestamp(Math.min(latest, Math.max(0, Math.ceil(time / 1000) * 1000)));
}

/** Weak typing: numbers, text and bytes as text. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : String(value);
}

/** What C makes of it: 0 for what is no number. */
function numberOf(value: unknown): number {
  const number = typeof value === 'number' ? value : Number.parseInt(textOf(value), 10);
  return Number.isFinite(number) ? Math.trunc(number) : 0;
}

/** Passwords are bytes in the originals' files (config.md §3). */
function passwordBytes(stored: string): Buffer {
  return Buffer.from(stored, 'utf8');
}
