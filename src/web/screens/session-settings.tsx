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
  authOnly: 'session.authOnlyField',
  nsfm: 'session.nsfmField',
  persistent: 'session.persistentField',
  unlisted: 'session.unlistedField',
  deputies: 'session.deputiesField',
} as const;

const labels = { title: 'session.titleField', maxUserCount: 'session.maxUsers', ...switches } as const;
type Value = string | number | boolean;
/** What was typed, and what it replaces. */
interface Typed {
  readonly value: Value;
  readonly instead: Value;
}

const onOff = (isOn: boolean) => t(isOn ? 'settings.on' : 'settings.off');

export function SessionSettings({ session }: { session: Full }): JSX.Element {
  const typed = useSignal<Readonly<Record<string, Typed>>>({});
  const { run, isRunning, problem } = useAction();
  const type = (key: keyof Full, value: Value) => {
    const { [key]: _, ...rest } = typed.value;
    const instead = typed.value[key]?.instead ?? (session[key] as Value);
    typed.value = value === session[key] ? rest : { ...rest, [key]: { value, instead } };
  };
  const shown = <Shown,>(key: keyof Full & string) => (typed.value[key]?.value ?? session[key]) as Shown;
  const elsewhere = Object.entries(typed.value).flatMap(([key, { instead }]) => {
    const is = session[key as keyof Full];
    return is === instead ? [] : [{ key, text: typeof is === 'boolean' ? onOff(is) : String(is) }];
  });
  const changes = Object.entries(typed.value);
  return (
    <form
      class="card form"
      aria-label={t('session.settings')}
      onSubmit={(event) => {
        event.preventDefault();
        void run(async () => {
          const change = Object.fromEntries(changes.map(([key, { value }]) => [key, value]));
          await call('session.set', { session: session.id, change });
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
              checked={shown<boolean | undefined>(key) === true}
              onInput={(event) => type(key, event.currentTarget.checked)}
            />
            {t(switches[key])}
          </label>
        ))}
      </div>
      {elsewhere.map(({ key, text }) => (
        <p key={key} class="banner small" role="status">
          {t(labels[key as keyof typeof labels])}: {t('settings.elsewhere', { text })}
        </p>
      ))}
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
            lines={[dp('session set', [session.id, ...changes.map(([key, { value }]) => `${key}=${value}`)])]}
          />
        </>
      )}
    </form>
  );
}
