// Logging in: the page, and the sheet over a page whose login is over.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { logIn } from './api.js';
import { Field, Mark, TextField, useAction } from './parts.js';
import { Sheet } from './sheet.js';
import { t } from './texts/texts.js';

function LoginForm({ name: known = '' }: { name?: string }): JSX.Element {
  const name = useSignal(known);
  const password = useSignal('');
  const { run, isRunning, problem } = useAction();
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void run(() => logIn({ name: name.value, password: password.value }));
      }}
    >
      <TextField
        label={t('login.name')}
        text={name}
        name="username"
        autocomplete="username"
        autocapitalize="none"
        required
      />
      <Field label={t('login.password')}>
        {(id) => (
          <input
            id={id}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            value={password.value}
            onInput={(event) => {
              password.value = event.currentTarget.value;
            }}
          />
        )}
      </Field>
      {problem}
      <button type="submit" class="button first" disabled={isRunning}>
        {t(isRunning ? 'login.working' : 'login.submit')}
      </button>
    </form>
  );
}

export function LoginPage({ linkError }: { linkError: boolean }): JSX.Element {
  return (
    <main class="welcome" id="content">
      <div class="card">
        <Mark />
        <h1>{t('login.title')}</h1>
        {linkError && <p class="problem">{t('login.linkFailed')}</p>}
        <LoginForm />
        <p class="soft small">{t('login.help')}</p>
      </div>
    </main>
  );
}

export function ExpiredSheet({ name }: { name: string }): JSX.Element {
  return (
    <Sheet title={t('login.expired')} onClose={undefined}>
      <p>{t('login.expiredText')}</p>
      <LoginForm name={name} />
    </Sheet>
  );
}
