// `dp session export`: the history of a live session as a recording.

import type { Admin } from '../../lib/admin/admin.js';
import { described, integer, object, type Static, text } from '../../lib/admin/schema.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { exportSession, SessionWasReset } from '../../lib/cli/exported-session.js';
import { leavingNoParts } from '../../lib/cli/interruption.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { sessionArg } from '../../lib/cli/session-texts.js';
import { refusal } from '../../lib/core/errors.js';
import { describeSize } from '../../lib/core/units.js';
import { formatOfName, standardStream, writeRecording } from '../../lib/io/disk/recording-file.js';

/** How often an export starts over because of resets. */
const attemptsAtMost = 5;

const exported = object({
  id: described(text, 'of the session'),
  file: text,
  protocol: described(text, 'as dp:4.25.1'),
  bytes: integer,
});
export type ExportResult = Static<typeof exported>;

export default class SessionExport extends LiveCommand {
  static override summary = 'Export a session as a recording';
  static override description =
    'Contains everything since the start of the session or its last reset. Users can continue drawing. Clients ' +
    'play the file, and `dp rec` works on it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x sketches.dprec',
    '<%= config.bin %> <%= command.id %> sketches sketches.dprec.gz --force',
  ];
  static override args = {
    session: sessionArg,
    file: Args.string({ required: true, description: 'File to write, - for standard output' }),
  };
  static override flags = {
    force: Flags.boolean({ char: 'f', summary: 'Replace FILE if it exists' }),
  };

  static override ownAnswers = { '': { shape: exported } } as const;

  async run(): Promise<ExportResult> {
    const { args, flags } = await this.parse(SessionExport);
    const { session, file } = args;
    const toStdout = file === standardStream;
    if (toStdout && this.jsonEnabled()) {
      throw refusal('json-needs-file');
    }
    if (formatOfName(file) === 'text') {
      throw refusal('export-as-text');
    }
    return this.withAdmin(flags, async (admin) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.#export(admin, session, { file, overwrites: flags.force ?? false });
        } catch (error) {
          // A reset in between: once more, from the start of the new history. What was printed cannot be taken back.
          const mayTryAgain = error instanceof SessionWasReset && !toStdout && attempt < attemptsAtMost;
          if (!mayTryAgain) throw error instanceof SessionWasReset ? error.refusal : error;
          this.logToStderr('The session was reset; the export starts again.');
        }
      }
    });
  }

  async #export(
    admin: Admin,
    session: string,
    to: { file: string; overwrites: boolean },
  ): Promise<ExportResult> {
    const { file } = to;
    const written = await exportSession(admin, session);
    await leavingNoParts(() =>
      writeRecording(file, written.pieces, { overwrites: to.overwrites, stdout: this.terminal.stdout }),
    );
    const { id, protocol, bytes } = written;
    if (file !== standardStream) this.logToStderr(`${file}: session ${id}, ${describeSize(bytes)}`);
    return { id, file, protocol, bytes };
  }
}
