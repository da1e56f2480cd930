// Whether a session is recorded, and how quickly the people in it answer.

import type { JSX } from 'preact';
import { call, isLacking, type Me } from '../api.js';
import { dp } from '../commands.js';
import { type Happening, useLive } from '../live.js';
import { Bdi, Chip, Commands, toast, useAction } from '../parts.js';
import { root } from '../paths.js';
import { bytes, number, t } from '../texts/texts.js';

export function Recording({ session, me }: { session: string; me: Me }): JSX.Element | null {
  const isAbout = ({ data }: Happening) => data.session === session;
  const { data: state } = useLive(
    'session.recording',
    isLacking('session.recording') ? undefined : { session },
    ['session'],
    isAbout,
  );
  const { run, isRunning, problem } = useAction();
  const isAdministrator = me.role === 'administrator';
  // nothing to say to whoever cannot begin one
  if (!state || (!state.isRecording && !isAdministrator)) return null;
  const { isRecording, canRecord, file, sizeBytes = 0, isFailing } = state;
  const turn = async () => {
    await call('session.record', { session, isRecording: !isRecording });
    toast(t(isRecording ? 'recording.stopped' : 'recording.started'));
  };
  return (
    <section class="card stack" aria-label={t('recording.title')}>
      <div class="row apart">
        <h2>{t('recording.title')}</h2>
        <Chip kind={isFailing ? 'bad' : isRecording ? 'mark' : ''}>
          {t(isFailing ? 'recording.failing' : isRecording ? 'recording.on' : 'recording.off')}
        </Chip>
      </div>
      {isRecording && (
        <p class="soft small">
          {file === undefined ? (
            t('recording.waits')
          ) : (
            <>
              {bytes(sizeBytes)} ·{' '}
              <span class="mono">
                <Bdi>{file.split('/').at(-1) ?? file}</Bdi>
              </span>
            </>
          )}
        </p>
      )}
      {!isRecording && <p class="soft small">{t(canRecord ? 'recording.text' : 'recording.nowhere')}</p>}
      {problem}
      {isAdministrator && (
        <div class="row">
          <button
            type="button"
            class="button"
            disabled={isRunning || !canRecord}
            onClick={() => void run(turn)}
          >
            {t(isRecording ? 'recording.stop' : 'recording.start')}
          </button>
          <a class="button plain" href={`${root}files?kind=recording`}>
            {t('files.kinds.recording')}
          </a>
        </div>
      )}
      <Commands lines={[dp('session record', [session], { start: !isRecording, stop: isRecording })]} />
    </section>
  );
}

/** Clients answer when they are asked: at the start, and when somebody comes or goes, but seldom. */
const leastMs = 15_000;

/** Milliseconds by user id; null: no answer. */
export function usePings(session: string): ReadonlyMap<number, number | null> {
  const isAbout = ({ data }: Happening) => data.session === session;
  const { data } = useLive(
    'session.ping',
    isLacking('session.ping') ? undefined : { session },
    ['person'],
    isAbout,
    leastMs,
  );
  return new Map(data?.map(({ id, milliseconds }) => [id, milliseconds]));
}

export function Ping({ ms }: { ms: number | null | undefined }): JSX.Element | null {
  if (ms === undefined) return null;
  if (ms === null) return <span class="soft small">{t('ping.none')}</span>;
  const text = t('ping.ms', { n: number(Math.max(1, Math.round(ms))) });
  return (
    <span class={`small ping ${ms >= 400 ? 'slow' : 'soft'}`} title={t('ping.title')}>
      {text}
    </span>
  );
}
