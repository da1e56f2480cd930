// `dp status`: how a running server is doing.

import type { OutputOf } from '../lib/admin/operations.js';
import type { ServerStatus } from '../lib/admin/server.js';
import { LiveCommand } from '../lib/cli/admin-command.js';
import { certificateLine } from '../lib/cli/certificate-status.js';
import { Flags } from '../lib/cli/oclif.js';
import { describeDuration, describeSize, formatDateTime } from '../lib/core/units.js';

export default class Status extends LiveCommand {
  static override summary = 'Show the status of a running server';
  static override description =
    'Exits with status 3 when no server is running. `dp doctor` checks what a server needs, running or not.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --json',
  ];
  static override flags = {
    hour: Flags.boolean({ summary: 'Show how busy the server was in the last hour' }),
  };
  static override answers = ['server.status', 'server.usage'] as const;

  async run(): Promise<OutputOf<'server.status'> | OutputOf<'server.usage'>> {
    const { flags } = await this.parse(Status);
    if (flags.hour) {
      const usage = await this.withAdmin(flags, (admin) => admin.run('server.usage', {}));
      this.table(usage, [
        { title: 'when', value: ({ when }) => formatDateTime(when) },
        { title: 'in sessions', value: ({ usersInSessions }) => usersInSessions, align: 'right' },
        { title: 'drawing', value: ({ activeDrawers }) => activeDrawers, align: 'right' },
        { title: 'sessions', value: ({ sessions }) => sessions, align: 'right' },
        { title: 'memory', value: ({ memoryBytes }) => describeSize(memoryBytes), align: 'right' },
      ]);
      return usage;
    }
    const status = await this.withAdmin(flags, (admin) => admin.run('server.status', {}));
    this.table(statusFacts(status, this.terminal.now()), [
      { title: 'server', value: ([fact]) => fact },
      { title: '', value: ([, value]) => value },
    ]);
    return status;
  }
}

/** Facts that drawpile-srv does not provide are left out. */
function statusFacts(status: Partial<ServerStatus>, now: number): [fact: string, value: string][] {
  const known = <T>(value: T, text: (value: NonNullable<T>) => string) =>
    value === undefined || value === null ? undefined : text(value);
  const facts: [string, string | undefined][] = [
    ['version', status.version],
    ['uptime', known(status.startedAt, () => describeDuration((now - (status.startedAt ?? now)) / 1000))],
    ['address', known(status.host, () => `${status.host}:${status.port}`)],
    [
      'sessions',
      known(
        status.sessions,
        () => `${status.sessions}${status.sessionsAtMost ? ` of ${status.sessionsAtMost}` : ''}`,
      ),
    ],
    [
      'connected',
      known(
        status.users,
        () =>
          `${status.users}${status.usersInSessions === undefined ? '' : ` (${status.usersInSessions} in sessions)`}`,
      ),
    ],
    ['drawing now', known(status.activeDrawers, () => String(status.activeDrawers))],
    ['history size', known(status.historyBytes, () => describeSize(status.historyBytes ?? 0))],
    ['memory', known(status.memoryBytes, () => describeSize(status.memoryBytes ?? 0))],
    [
      'settings in',
      known(status.storage, () =>
        status.storage === 'memory' ? 'memory (lost when the server stops)' : (status.place ?? ''),
      ),
    ],
    ['certificate', known(status.certificate, (certificate) => certificateLine(certificate, now))],
    ...(status.certificate?.renewal?.failures ?? []).map(({ message }): [string, string] => [
      'no new certificate',
      message,
    ]),
    ...(status.problems ?? []).map((problem): [string, string] => ['problem', problem]),
    ['stops at', known(status.stopsAt, () => `${formatDateTime(status.stopsAt ?? 0)} UTC`)],
  ];
  return facts.filter((row): row is [string, string] => row[1] !== undefined);
}
