// `dp session record`: starts, stops or shows the recording of a session.

import type { OutputOf } from '../../lib/admin/operations.js';
import { LiveCommand } from '../../lib/cli/admin-command.js';
import { Flags } from '../../lib/cli/oclif.js';
import { sessionArg } from '../../lib/cli/session-texts.js';
import { describeSize } from '../../lib/core/units.js';

export default class SessionRecord extends LiveCommand {
  static override summary = 'Start, stop or show the recording of a session';
  static override description =
    'The recording begins with the present history. It goes into the folder of --record, or into "recordings" in the ' +
    'data folder; `dp file list` lists it. With --record, all sessions are recorded from their start.';
  static override examples = ['<%= config.bin %> <%= command.id %> sketches --start'];
  static override args = { session: sessionArg };
  static override flags = {
    start: Flags.boolean({ summary: 'Start the recording', exclusive: ['stop'] }),
    stop: Flags.boolean({ summary: 'Stop the recording' }),
  };
  static override answers = ['session.recording', 'session.record'] as const;

  async run(): Promise<OutputOf<'session.recording'>> {
    const { args, flags } = await this.parse(SessionRecord);
    const { session } = args;
    const isChange = flags.start || flags.stop;
    return this.withAdmin(flags, async (admin) => {
      const state = isChange
        ? await admin.run('session.record', { session, isRecording: flags.start ?? false })
        : await admin.run('session.recording', { session });
      const { isRecording, file, sizeBytes = 0, isFailing } = state;
      if (!isRecording) this.log('Not recorded.');
      else this.log(file === undefined ? 'Recording starts.' : `${file} (${describeSize(sizeBytes)})`);
      if (isFailing) this.warn('the recording cannot be written at the moment');
      return state;
    });
  }
}
