// What somebody sees who was given a link to set a new password: whose it is, and a form. It logs nobody in.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { ask, Mistake, wordsOf } from './api.js';
import { Bdi, Mark, TextField, useAction } from './parts.js';
import { root } from './paths.js';
import { t } from './texts/texts.js';

export function ResetPage({ link, onLeave }: { link: string; onLeave: () => void }): JSX.Element {
  const name = useSignal('');
  const error = useSignal<unknown>(undefined);
  const isDone = useSignal(false);
  const password = useSignal('');
  const again = useSignal('');
  const { run, isRunning, problem } = useAction();
  useEffect(() => {
    ask('login/reset', { link }).then(
      (answer) => {
        name.value = (answer as { name: string }).name;
      },
      (reason: unknown) => {
        error.value = reason;
      },
    );
  }, [link]);
  const submit = async () => {
    if (password.value !== again.value) throw new Mistake(t('reset.differs'));
    await ask('login/reset', { link, password: password.value });
    isDone.value = true;
  };
  return (
    <main class="welcome" id="content">
      <div class="card">
        <Mark />
        <h1>{t(isDone.value ? 'reset.done' : 'reset.title')}</h1>
        {error.value !== undefined && (
          <p class="problem" role="alert">
            {wordsOf(error.value)}
          </p>
        )}
        {isDone.value && <p>{t('reset.doneText')}</p>}
        {!isDone.value && name.value !== '' && (
          <form
            class="form"
            onSubmit={(event) => {
              event.preventDefault();
              void run(submit);
            }}
          >
            <p>
              {t('reset.for')}{' '}
              <strong>
                <Bdi>{name.value}</Bdi>
              </strong>
            </p>
            <input type="hidden" name="username" autocomplete="username" value={name.value} />
            <TextField
              label={t('accounts.newPassword')}
              text={password}
              isSecret
              autocomplete="new-password"
              required
            />
            <TextField label={t('reset.again')} text={again} isSecret autocomplete="new-password" required />
            {problem}
            <button type="submit" class="button first" disabled={isRunning}>
              {t('reset.set')}
            </button>
            <p class="soft small">{t('reset.ends')}</p>
          </form>
        )}
        {(isDone.value || error.value !== undefined) && (
          <p>
            <a href={root} onClick={onLeave}>
              {t('reset.toLogin')}
            </a>
          </p>
        )}
      </div>
    </main>
  );
}
