// Who is logged in, where, and how the app looks on this device.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, logOut, type Me } from '../api.js';
import { dp } from '../commands.js';
import { GrantRow } from '../grant-row.js';
import { useLive } from '../live.js';
import { Bdi, Choice, Commands, Face, Loading, toast, useAction } from '../parts.js';
import { chooseLanguage, chooseTheme, theme } from '../preferences.js';
import { type Language, language, languages, t } from '../texts/texts.js';

export function MePlace({ me }: { me: Me }): JSX.Element {
  const { run, isRunning, problem } = useAction();
  const isLocal = me.csrf === '';
  return (
    <>
      <h1>{t('me.title')}</h1>
      <div class="card row apart">
        <div class="row grow">
          <Face name={me.name} />
          <div class="grow">
            <strong>{isLocal ? t('me.local') : <Bdi>{me.name}</Bdi>}</strong>
            <p class="soft small">{isLocal ? t('me.localText') : t(`me.role.${me.role}`)}</p>
          </div>
        </div>
        {!isLocal && (
          <button type="button" class="button" disabled={isRunning} onClick={() => void run(logOut)}>
            {t('logout.button')}
          </button>
        )}
        {problem}
      </div>
      <section class="card stack" aria-label={t('me.look')}>
        <h2>{t('me.look')}</h2>
        <span class="label">{t('me.theme')}</span>
        <Choice
          label={t('me.theme')}
          options={[
            ['auto', t('me.theme.auto')],
            ['light', t('me.theme.light')],
            ['dark', t('me.theme.dark')],
          ]}
          value={theme.value}
          onChoose={chooseTheme}
        />
        <span class="label">{t('me.language')}</span>
        <Choice
          label={t('me.language')}
          options={Object.entries(languages) as [Language, string][]}
          value={language.value}
          onChoose={chooseLanguage}
        />
      </section>
      <Notifications />
      {me.role === 'administrator' && !isLocal && <Logins me={me} />}
    </>
  );
}

/** The browser asks for itself, once; what was refused is changed in its own settings. */
function Notifications(): JSX.Element | null {
  const state = useSignal(typeof Notification === 'undefined' ? undefined : Notification.permission);
  if (state.value === undefined) return null;
  return (
    <section class="card stack" aria-label={t('me.notices')}>
      <h2>{t('me.notices')}</h2>
      <p class="soft small">{t('me.noticesText')}</p>
      {state.value === 'default' ? (
        <div>
          <button
            type="button"
            class="button"
            onClick={async () => {
              state.value = await Notification.requestPermission();
            }}
          >
            {t('me.noticesAllow')}
          </button>
        </div>
      ) : (
        <p>{t(state.value === 'granted' ? 'me.noticesOn' : 'me.noticesOff')}</p>
      )}
    </section>
  );
}

export function Logins({ me }: { me: Me }): JSX.Element {
  const logins = useLive('login.list', {}, ['audit']);
  const { run, isRunning, problem } = useAction();
  return (
    <section class="card stack" aria-label={t('me.logins')}>
      <h2>{t('me.logins')}</h2>
      {problem}
      {logins.data === undefined ? (
        <Loading of={logins} retry={logins.refresh} />
      ) : (
        <ul class="list">
          {logins.data.map(({ id, ...login }) => (
            <GrantRow
              key={id}
              grant={login}
              isOwn={login.expires === me.expires}
              end={{
                text: t('me.end'),
                label: `${t('me.end')}: ${login.name} ${id}`,
                isDisabled: isRunning,
                run: () =>
                  void run(async () => {
                    await call('login.end', { id });
                    toast(t('me.ended'));
                    logins.refresh();
                  }),
              }}
            />
          ))}
        </ul>
      )}
      <Commands
        lines={[
          dp('login list', []),
          ...(logins.data ?? []).slice(0, 3).map(({ id }) => dp('login end', [id])),
        ]}
      />
    </section>
  );
}
