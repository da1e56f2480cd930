// Tokens of programs: who has one, since when it was used, and a new one, whose secret is shown once.

import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { call, isLacking } from '../api.js';
import { dp } from '../commands.js';
import { GrantRow } from '../grant-row.js';
import { useLive } from '../live.js';
import { Choice, Command, Commands, Lacking, Loading, now, TextField, toast, useAction } from '../parts.js';
import { Sheet } from '../sheet.js';
import { ago, t } from '../texts/texts.js';

const roles = ['observer', 'moderator', 'administrator'] as const;
const dayMs = 86_400_000;
const lifetimes = { '30': 'bans.month', '365': 'tokens.year', never: 'bans.never' } as const;
type Lifetime = keyof typeof lifetimes;

export function Tokens(): JSX.Element {
  const tokens = useLive('token.list', {}, ['account']);
  const isAdding = useSignal(false);
  const { run, isRunning, problem } = useAction();
  if (!tokens.data) return <Loading of={tokens} retry={tokens.refresh} />;
  return (
    <section class="card stack" aria-label={t('tokens.title')}>
      <div class="row apart">
        <h2>{t('tokens.title')}</h2>
        <button
          type="button"
          class="button"
          disabled={isLacking('token.create')}
          onClick={() => {
            isAdding.value = true;
          }}
        >
          {t('tokens.new')}
        </button>
      </div>
      <p class="soft small">{t('tokens.text')}</p>
      <Lacking of={['token.create']} />
      {problem}
      {tokens.data.length === 0 ? (
        <p class="soft">{t('tokens.empty')}</p>
      ) : (
        <ul class="list">
          {tokens.data.map(({ id, expires, ...token }) => (
            <GrantRow
              key={id}
              grant={token}
              more={expires !== null && ` · ${t('tokens.expires', { time: ago(expires, now.value) })}`}
              end={{
                text: t('tokens.revoke'),
                label: `${t('tokens.revoke')}: ${token.name}`,
                isDisabled: isRunning,
                run: () =>
                  void run(async () => {
                    await call('token.revoke', { name: token.name });
                    toast(t('tokens.revoked', { name: token.name }));
                  }),
              }}
            />
          ))}
        </ul>
      )}
      <Commands
        lines={[
          dp('token list', []),
          ...tokens.data.slice(0, 3).map(({ name }) => dp('token revoke', [name])),
        ]}
      />
      {isAdding.value && (
        <NewToken
          onClose={() => {
            isAdding.value = false;
          }}
        />
      )}
    </section>
  );
}

function NewToken({ onClose }: { onClose: () => void }): JSX.Element {
  const name = useSignal('');
  const role = useSignal<(typeof roles)[number]>('moderator');
  const lifetime = useSignal<Lifetime>('365');
  const secret = useSignal('');
  const { run, isRunning, problem } = useAction();
  if (secret.value !== '') {
    return (
      <Sheet title={t('tokens.made')} onClose={onClose}>
        <p>{t('tokens.madeText')}</p>
        <Command line={secret.value} />
      </Sheet>
    );
  }
  const expires = () => (lifetime.value === 'never' ? null : Date.now() + Number(lifetime.value) * dayMs);
  return (
    <Sheet title={t('tokens.new')} onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void run(async () => {
            const input = { name: name.value.trim(), role: role.value, expires: expires() };
            secret.value = (await call('token.create', input)).secret;
          });
        }}
      >
        <TextField
          label={t('tokens.name')}
          help={t('tokens.nameHelp')}
          text={name}
          required
          autocapitalize="none"
        />
        <div class="field">
          <span class="label">{t('tokens.role')}</span>
          <Choice
            label={t('tokens.role')}
            options={roles.map((each) => [each, t(`me.role.${each}`)] as const)}
            value={role.value}
            onChoose={(chosen) => {
              role.value = chosen;
            }}
          />
        </div>
        <div class="field">
          <span class="label">{t('bans.expires')}</span>
          <Choice<Lifetime>
            label={t('bans.expires')}
            options={(Object.keys(lifetimes) as Lifetime[]).map(
              (each) => [each, t(lifetimes[each])] as const,
            )}
            value={lifetime.value}
            onChoose={(chosen) => {
              lifetime.value = chosen;
            }}
          />
        </div>
        {problem}
        <button type="submit" class="button first" disabled={isRunning}>
          {t('tokens.create')}
        </button>
        <Commands
          lines={[
            dp('token create', [name.value.trim() || '…'], {
              role: role.value,
              expires: lifetime.value === 'never' ? 'never' : `${lifetime.value}d`,
            }),
          ]}
        />
      </form>
    </Sheet>
  );
}
