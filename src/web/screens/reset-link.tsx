// The link by which the user of an account sets a new password: made, copied, given to them.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, isLacking, type Me, type OutputOf } from '../api.js';
import { dp } from '../commands.js';
import { Command, Commands, Time, useAction } from '../parts.js';
import { t } from '../texts/texts.js';

export function ResetLink({
  account,
  me,
}: {
  account: { id: number; name: string };
  me: Me;
}): JSX.Element | null {
  const made = useSignal<OutputOf<'user.reset'> | undefined>(undefined);
  const { run, isRunning, problem } = useAction();
  if (isLacking('user.reset')) return null;
  // this page may be of another machine than the server: who opens the link has to reach that one
  const base = me.servers === undefined ? location.origin : 'https://…';
  return (
    <section class="stack" aria-label={t('reset.link')}>
      {problem}
      <div>
        <button
          type="button"
          class="button"
          disabled={isRunning}
          onClick={() =>
            void run(async () => {
              made.value = await call('user.reset', { key: { id: account.id } });
            })
          }
        >
          {t('reset.link')}
        </button>
      </div>
      <div role="status">
        {made.value && (
          <div class="stack">
            <p class="small">{t('reset.linkText')}</p>
            <Command line={`${base}${made.value.path}`} />
            <p class="soft small">
              {t('reset.expires')} <Time at={made.value.expires} />
            </p>
          </div>
        )}
      </div>
      <Commands lines={[dp('user reset', [account.name])]} />
    </section>
  );
}
