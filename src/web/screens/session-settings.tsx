// Settings of a session, changed in place: what was typed stays until it is saved, whatever comes from elsewhere.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { Commands, Field, toast, useAction } from '../parts.js';
import { t } from '../texts/texts.js';

type Full = OutputOf<'session.get'>;

/** TABLE of the switches: key of the session's setting, and its text. */
const switches = {
  closed: 'session.closedField',
  authOnly: 'session.authOnlyField',
  nsfm: 'session.nsfmField',
  persistent: 'session.persistentField',
} as const;

export function SessionSettings({ session }: { session: Full }): JSX.Element {
  const typed = useSignal<Readonly<Record<string, string | number | boolean>>>({});
  const { run, isRunning, problem } = useAction();
  const type = (key: keyof Full, value: string | number | boolean) => {
    const { [key]: _, ...rest } = typed.value;
    typed.value = value === session[key] ? rest : { ...rest, [key]: value };
  };
  const shown = <Value,>(key: keyof Full & string) => (typed.value[key] ?? session[key]) as Value;
  const changes = Object.entries(typed.value);
  return (
    <form
      class="card form"
      aria-label={t('session.settings')}
      onSubmit={(event) => {
        event.preventDefault();
        void run(async () => {
          await call('session.set', { session: session.id, change: { ...typed.value } });
          typed.value = {};
          toast(t('session.saved'));
        });
      }}
    >
      <h2>{t('session.settings')}</h2>
      <Field label={t('session.titleField')}>
        {(id) => (
          <input
            id={id}
            dir="auto"
            value={shown<string>('title')}
            onInput={(event) => type('title', event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={t('session.maxUsers')}>
        {(id) => (
          <input
            id={id}
            type="number"
            min={1}
            max={254}
            value={shown<number>('maxUserCount')}
            onInput={(event) => type('maxUserCount', Number(event.currentTarget.value))}
          />
        )}
      </Field>
      <div>
        {(Object.keys(switches) as (keyof typeof switches)[]).map((key) => (
          <label key={key} class="item">
            <input
              type="checkbox"
              checked={shown<boolean>(key)}
              onInput={(event) => type(key, event.currentTarget.checked)}
            />
            {t(switches[key])}
          </label>
        ))}
      </div>
      {problem}
      {changes.length > 0 && (
        <>
          <div class="row">
            <button type="submit" class="button first" disabled={isRunning}>
              {t('action.save')}
            </button>
            <button
              type="button"
              class="button"
              onClick={() => {
                typed.value = {};
              }}
            >
              {t('settings.discard')}
            </button>
          </div>
          <Commands
            lines={[dp('session set', [session.id, ...changes.map(([key, value]) => `${key}=${value}`)])]}
          />
        </>
      )}
    </form>
  );
}
