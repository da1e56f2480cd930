// Operations on the recording of a session and on how quickly its users answer.

import { refusal } from '../core/errors.js';
import type { Member } from '../core/session/member.js';
import type { Clock } from '../core/session/needs.js';
import type { Session } from '../core/session/session.js';
import { requireLive } from './live.js';
import { change, look } from './operation.js';
import { record } from './recording.js';
import { described, flag, integer, list, number, object, orNull, type Static, text } from './schema.js';
import { requireSession } from './session-actions.js';
import { inSession, session } from './session-shapes.js';

const recordingState = object(
  {
    id: described(text, 'of the session'),
    isRecording: flag,
    canRecord: described(flag, 'false: there is no folder for recordings'),
  },
  {
    file: described(text, 'path of the present file; left out: nothing was written yet'),
    sizeBytes: integer,
    isFailing: described(flag, 'it cannot be written at the moment'),
  },
);

const ping = object({
  id: described(integer, 'user id in the session'),
  name: text,
  milliseconds: described(orNull(number), 'null: no answer within five seconds'),
});

export const sessionRecordingOperations = {
  'session.recording': look({
    summary: 'Whether a session is recorded, and where',
    role: 'moderator',
    input: inSession,
    output: recordingState,
    run: async (needs, input) => stateOf(await requireSession(requireLive(needs), input.session)),
  }),
  'session.record': change('sessions', {
    summary: 'Start or stop the recording of a session',
    input: object({ session, isRecording: flag }),
    output: recordingState,
    async run(needs, { isRecording, ...input }) {
      const found = await requireSession(requireLive(needs), input.session);
      if (isRecording === (found.flow.recorder !== undefined)) return stateOf(found);
      const make = found.needs.recordWhenAsked;
      if (isRecording && make === undefined) throw refusal('file-kind-not-kept', { kind: 'recording' });
      const { id, alias, protocol } = found;
      found.flow.record(isRecording ? make?.({ id, alias, protocol }) : undefined);
      const on = { kind: 'session', name: id, session: id } as const;
      await record(needs, { on, before: { isRecording: !isRecording }, after: { isRecording } });
      return stateOf(found);
    },
  }),
  'session.ping': look({
    summary: 'Measure how quickly the users of a session answer',
    role: 'moderator',
    input: inSession,
    output: list(ping),
    async run(needs, input) {
      const live = requireLive(needs);
      const { people } = await requireSession(live, input.session);
      return Promise.all(
        people.members.map(async (member) => ({
          id: member.id,
          name: member.name,
          milliseconds: await pingOf(member, live.clock),
        })),
      );
    },
  }),
};

function stateOf({ id, flow, needs }: Session): Static<typeof recordingState> {
  const { recorder } = flow;
  const { path: file, ...rest } = recorder?.file ?? {};
  return {
    id,
    isRecording: recorder !== undefined,
    canRecord: recorder !== undefined || needs.recordWhenAsked !== undefined,
    ...(file !== undefined && { file, ...rest }),
  };
}

const patienceMs = 5_000;

function pingOf({ link }: Member, clock: Clock): Promise<number | null> {
  return new Promise((resolve) => {
    if (link.measurePing === undefined) return resolve(null);
    const timer = clock.after(patienceMs, () => resolve(null));
    link.measurePing((ms) => {
      timer.cancel();
      resolve(ms === undefined ? null : Math.round(ms * 10) / 10);
    });
  });
}
