// `dp session list`: the sessions of a running server.

import type { Admin } from '../../lib/admin/admin.js';
import { list, type Static } from '../../lib/admin/schema.js';
import { type SessionProblems, storedSession } from '../../lib/admin/stored-sessions.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { problemLines, sessionColumns, shortIds } from '../../lib/cli/session-texts.js';
import { sessionsFlag } from '../../lib/cli/stored-sessions.js';
import { widthOf } from '../../lib/cli/terminal.js';
import { Refusal, refusal } from '../../lib/core/errors.js';
import { describeSize } from '../../lib/core/units.js';

/** Narrower terminals get the beginnings of ids. */
const wideColumns = 110;

export default class SessionList extends LiveCommand {
  static override summary = 'List the sessions of a running server';
  static override description =
    'Other commands refer to a session by its id, the beginning of its id, or its alias. Templates are shown by ' +
    'alias. Stored sessions that are unusable, and those whose stored settings are in doubt, are listed after the ' +
    'others; with --json, dp session problems lists them.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --listed --json',
    {
      description: 'Sessions of another server',
      command: '<%= config.bin %> <%= command.id %> --server https://admin:secret@draw.example.org:27780',
    },
  ];
  static override flags = {
    listed: Flags.boolean({ summary: 'Only publicly listed sessions, without templates' }),
    sessions: sessionsFlag,
  };
  static override answers = ['session.list'] as const;
  static override ownAnswers = { '--sessions': { shape: list(storedSession) } } as const;

  async run(): Promise<readonly object[]> {
    const { flags } = await this.parse(SessionList);
    if (flags.sessions !== undefined) return this.#listFolder(flags.sessions);
    const { sessions, problems } = await this.withAdmin(flags, async (admin) => ({
      sessions: await admin.run('session.list', { onlyListed: flags.listed }),
      problems: flags.listed ? undefined : await problemsOf(admin),
    }));
    const width = widthOf(this.terminal) ?? Number.POSITIVE_INFINITY;
    const columns = sessionColumns(this.terminal.now(), width < wideColumns ? shortIds(sessions) : undefined);
    this.table(sessions, columns, 'There are no sessions.');
    if (!problems) return sessions;
    for (const line of problemLines(problems)) this.logToStderr(line);
    return sessions;
  }

  #print(name: string, what: string, why: string): void {
    this.logToStderr(`${name}  ${what}: ${why}`);
  }

  /** What is stored, with no server on it. */
  async #listFolder(folder: string): Promise<readonly Static<typeof storedSession>[]> {
    const { existsSync } = await import('node:fs');
    if (!existsSync(folder)) {
      throw refusal('sessions-folder-not-found', { folder });
    }
    const { checkSessionFolder } = await import('../../lib/io/disk/session-check.js');
    const { sessions, orphans } = checkSessionFolder(folder);
    this.table(
      sessions,
      [
        { title: 'session', value: ({ id }) => id, isUncut: true },
        { title: 'alias', value: ({ alias }) => alias },
        { title: 'title', value: ({ title }) => title },
        { title: 'size', value: ({ sizeBytes }) => describeSize(sizeBytes), align: 'right' },
      ],
      'There are no sessions.',
    );
    for (const { id, problem, doubts } of sessions) {
      if (problem !== undefined) this.#print(id, 'set aside', problem);
      else if (doubts.length > 0) this.#print(id, 'in doubt', doubts.join('; '));
    }
    for (const name of orphans) this.#print(name, 'no journal', `run: dp session adopt ${name}`);
    return sessions.map(({ problem, doubts, ...rest }) => ({
      ...rest,
      ...(problem !== undefined && { setAside: problem }),
      ...(doubts.length > 0 && { doubts }),
    }));
  }
}

/** Undefined: the server does not provide it. */
async function problemsOf(admin: Admin): Promise<SessionProblems | undefined> {
  try {
    return await admin.run('session.problems', {});
  } catch (error) {
    if (error instanceof Refusal && error.kind === 'unsupported') return undefined;
    throw error;
  }
}
