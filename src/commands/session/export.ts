// `dp session export`: the history of a live session as a recording.

import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Args, Flags } from '../../lib/cli/oclif.js';
import { sessionArg } from '../../lib/cli/session-texts.js';
import { Refusal } from '../../lib/core/errors.js';
import { describeSize } from '../../lib/core/units.js';
import { recordableFrames, recordingHead } from '../../lib/io/disk/recorder.js';
import { formatOfName, standardStream, writeRecording } from '../../lib/io/disk/recording-file.js';

export interface ExportResult {
  id: string;
  file: string;
  protocol: string;
  bytes: number;
}

export default class SessionExport extends LiveCommand {
  static override summary = 'Save what a session has drawn so far as a recording.';
  static override description =
    'Everything since its start or its last reset, while people go on drawing. Clients play the file, `dp rec` works on it.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01m8x sketches.dprec',
    '<%= config.bin %> <%= command.id %> sketches sketches.dprec.gz --force',
  ];
  static override args = {
    session: sessionArg,
    file: Args.string({ required: true, description: 'The file to write, - for standard output.' }),
  };
  static override flags = {
    force: Flags.boolean({ char: 'f', summary: 'Replace FILE if it exists.' }),
  };

  async run(): Promise<ExportResult> {
    const { args, flags } = await this.parse(SessionExport);
    const { session, file } = args;
    const toStdout = file === standardStream;
    if (toStdout && this.jsonEnabled()) {
      throw new Refusal('badInput', 'with --json the recording needs a file', 'Name a FILE.');
    }
    if (formatOfName(file) === 'text') {
      throw new Refusal(
        'badInput',
        'sessions are exported as binary recordings',
        'Write FILE.dprec, then: dp rec convert FILE.dprec FILE.dptxt',
      );
    }
    return this.withAdmin(flags, async (admin) => {
      let part = await admin.run('session.export', { session });
      const { id, protocol } = part;
      let bytes = 0;
      async function* pieces(): AsyncGenerator<Buffer> {
        yield recordingHead(protocol);
        for (;;) {
          const frames = recordableFrames(protocol, Buffer.from(part.frames, 'base64'));
          bytes += frames.length;
          yield frames;
          if (part.next === undefined) return;
          // by id: an alias may belong to another session by now
          part = await admin.run('session.export', { session: id, from: part.next });
        }
      }
      await writeRecording(file, pieces(), { overwrites: flags.force, stdout: this.terminal.stdout });
      if (!toStdout) this.logToStderr(`${file}: session ${id}, ${describeSize(bytes)}`);
      return { id, file, protocol, bytes };
    });
  }
}
