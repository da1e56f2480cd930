// The start of the app: language and colours of this device, who is logged in, then the place that the address names.

import './design/app.css';
import { effect, signal } from '@preact/signals';
import { type JSX, render } from 'preact';
import { ApiError, isLacking, logIn, lookWhoIAm, session, wordsOf } from './api.js';
import { keepFocus } from './focus.js';
import icon from './icon.svg';
import { askEarly, beginStream, type Early, endStream } from './live.js';
import { ExpiredSheet, LoginPage } from './login.js';
import { Problem } from './parts.js';
import { placeAt, safeNext } from './paths.js';
import { readPreferences } from './preferences.js';
import { ResetPage } from './reset-password.js';
import { go, path } from './router.js';
import { SetUpPage } from './set-up.js';
import { Shell } from './shell.js';
import { t } from './texts/texts.js';
import { undoByKey } from './toasts.js';

const linkError = signal(false);
/** A link to set a password, which is looked at before anything else. */
const resetLink = signal<string | undefined>(undefined);
const startError = signal<unknown>(undefined);
/** What the first screen shows is asked for before it is drawn, so that it is drawn once: unless that takes too long. */
const isStarting = signal(true);
const patienceMs = 700;

function App(): JSX.Element {
  const now = session.value;
  if (resetLink.value !== undefined) {
    return (
      <ResetPage
        key={resetLink.value}
        link={resetLink.value}
        onLeave={() => {
          resetLink.value = undefined;
          void start();
        }}
      />
    );
  }
  if (startError.value !== undefined) {
    return (
      <main class="welcome">
        <div class="card">
          <Problem error={startError.value} />
          <button type="button" class="button first" onClick={() => void start()}>
            {t('action.retry')}
          </button>
        </div>
      </main>
    );
  }
  if (now.is === 'unknown' || (isStarting.value && now.is === 'in')) {
    return <main class="welcome soft">{isStarting.value ? '' : t('loading')}</main>;
  }
  if (now.is === 'out') return <LoginPage linkError={linkError.value} />;
  if (now.me.needsSetUp === true) return <SetUpPage />;
  return (
    <>
      <Shell me={now.me} />
      {now.is === 'expired' && <ExpiredSheet name={now.me.name} />}
    </>
  );
}

async function start(): Promise<void> {
  startError.value = undefined;
  const link = /^#link=(.+)$/.exec(location.hash)?.[1];
  const reset = /^#reset=(.+)$/.exec(location.hash)?.[1];
  if (reset !== undefined) {
    history.replaceState(null, '', location.pathname);
    resetLink.value = reset;
    return;
  }
  try {
    if (link !== undefined) {
      // the secret stays neither in the address nor in the history
      history.replaceState(null, '', location.pathname);
      try {
        await logIn({ link });
        return;
      } catch (error) {
        if (error instanceof ApiError && error.code === 'offline') throw error;
        linkError.value = true;
      }
    }
    await lookWhoIAm();
  } catch (error) {
    startError.value = error instanceof ApiError ? error : new ApiError('unknown', wordsOf(error));
  }
}

/** Of what is around each place, and of the place itself. */
function firstQuestions(): Early[] {
  const now = session.value;
  if (now.is !== 'in' || now.me.needsSetUp === true) return [];
  const place = placeAt(path.value);
  return [
    ['server.status', {}],
    ['session.list', {}],
    ['config.list', {}],
    ...(isLacking('report.list') ? [] : [['report.list', {}] as const]),
    ...(place.name === 'now' && !isLacking('server.usage') ? [['server.usage', {}] as const] : []),
    ...(place.name === 'session' ? [['session.get', { session: place.id }] as const] : []),
  ];
}

readPreferences();
const next = new URLSearchParams(location.search).get('next');
effect(() => {
  const now = session.value;
  if (now.is === 'in' && now.me.needsSetUp !== true) {
    linkError.value = false;
    if (next !== null) go(safeNext(next), { replace: true });
    beginStream();
  } else endStream();
});
const place = document.getElementById('app');
if (place) render(<App />, place);
addEventListener('hashchange', () => {
  if (/^#(link|reset)=/.test(location.hash)) void start();
});
addEventListener('keydown', undoByKey);
keepFocus();
const patience = setTimeout(() => {
  isStarting.value = false;
}, patienceMs);
void start()
  .then(() => askEarly(firstQuestions()))
  .finally(() => {
    clearTimeout(patience);
    isStarting.value = false;
    // the browser draws it in this page's time
    setTimeout(
      () => document.querySelector<HTMLLinkElement>('link[rel=icon]')?.setAttribute('href', icon),
      1000,
    );
  });
